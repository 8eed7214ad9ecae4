internal import Foundation
internal import Glibc

/// What the thread that calls has used of a processor; other tests run at the same time.
public func processorTime() -> Duration {
    var time = timespec()
    unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
}

/// Whether this is a run of `bin/test sanitizer` or `bin/test address`: a sanitizer makes
/// everything several times slower, so that bounds on time say nothing.
public let isSanitized = ["ASAN_OPTIONS", "TSAN_OPTIONS"].contains {
    ProcessInfo.processInfo.environment[$0] != nil
}
