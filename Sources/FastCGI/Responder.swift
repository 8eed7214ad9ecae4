internal import CFastCGI
internal import Glibc
public import HTTP
public import Metrics
internal import Threads

/// Answers FastCGI requests on a listening socket, with a fixed number of
/// threads for any number of connections.
///
/// Idle connections are parked in one event set; a worker that is woken for one
/// reads one request, answers it and parks the connection again. Requests that
/// take long on purpose, and those that wait for another program, have workers and
/// a bounded queue of their own each: however many of them wait, the others are
/// answered at once.
public final class Responder: Sendable {
    public struct Limits: Sendable {
        /// Threads for ordinary requests.
        public var workers = 4
        /// Threads for slow requests: as many as cores.
        public var slowWorkers = 2
        /// Slow requests that may wait; over it they are refused.
        public var slowQueue = 64
        /// Threads for requests that wait for another program; with none, there are
        /// no such requests.
        public var waitingWorkers = 0
        /// How many of those may wait for a thread.
        public var waitingQueue = 64
        /// Bytes of a request's body.
        public var bodyLimit = 65_536
        /// Bytes of the body of a request that brings a file: one of 1 MiB, and
        /// what stands around it.
        public var fileBodyLimit = 1_048_576 + 65_536
        /// Requests with a file that are held at once; others wait.
        public var filePlaces = 16
        /// Seconds that the web server is given to close its connections at the end.
        public var drainSeconds = 10

        public init() {}
    }

    /// What answers.
    public struct Handler: Sendable {
        let answer: @Sendable (consuming Request) -> Response
        let answerAtOnce: @Sendable (consuming Request) -> Answer
        let lane: @Sendable (Request) -> Lane
        let refuse: @Sendable (Request) -> Response
        let mayBringFile: @Sendable (Method, String) -> Bool

        /// - Parameters:
        ///   - answer: called from many threads at once. It takes the request: to
        ///     copy one is to retain all of its header fields.
        ///   - answerAtOnce: what ordinary requests get: of some of them it shows only
        ///     on the way that they wait for another program.
        ///   - lane: whether a request takes long, or waits for another program.
        ///   - refuse: what such a request gets when too many wait already.
        ///   - mayBringFile: whether a request with this method and target may
        ///     have a body of `fileBodyLimit`; asked before it is read.
        public init(
            answer: @escaping @Sendable (consuming Request) -> Response,
            answerAtOnce: (@Sendable (consuming Request) -> Answer)? = nil,
            lane: @escaping @Sendable (Request) -> Lane,
            refuse: @escaping @Sendable (Request) -> Response,
            mayBringFile: @escaping @Sendable (Method, String) -> Bool = { _, _ in false }
        ) {
            self.answer = answer
            self.answerAtOnce = answerAtOnce ?? { .now(answer($0)) }
            self.lane = lane
            self.refuse = refuse
            self.mayBringFile = mayBringFile
        }
    }

    private struct SlowTask {
        let connection: Connection
        let request: Request
        let stopwatch: Stopwatch?
    }

    private struct Connections {
        var open: Set<Connection> = []
        var isStopping = false
    }

    private let listener: Int32
    private let limits: Limits
    private let handler: Handler
    private let events: EventSet
    private let waitingRoom: WaitingRoom
    private let bodyLimit: BodyLimit
    private let places: Places
    private let slowTasks: WorkQueue<SlowTask>
    private let waitingTasks: WorkQueue<SlowTask>
    private let connections: Locked<Connections>
    private let threads = Locked<[Thread]>([])
    private let load = Locked(Load())

    /// How busy it is, and was.
    public struct Load: Sendable {
        /// Requests that have arrived and are not answered yet.
        public fileprivate(set) var inProgress = 0
        /// Slow requests that wait for a worker.
        public fileprivate(set) var slowWaiting = 0
        /// How many of them may.
        public fileprivate(set) var slowCapacity = 0
        /// Slow requests that were refused, since too many waited.
        public fileprivate(set) var slowRefused = 0
        /// How long ordinary requests took, from the arrival to the answer.
        public fileprivate(set) var ordinary = Histogram()
        /// How long slow ones took, waiting included.
        public fileprivate(set) var slow = Histogram()
    }

    /// - Parameter listener: a bound and listening socket; the responder does
    ///   not close it.
    public init(listener: Int32, limits: Limits, handler: Handler) {
        let isInitialized = FCGX_Init() == 0
        precondition(isInitialized, "FCGX_Init failed")
        self.listener = listener
        self.limits = limits
        self.handler = handler
        bodyLimit = BodyLimit(
            usual: limits.bodyLimit, long: limits.fileBodyLimit, mayBeLong: handler.mayBringFile)
        places = Places(limits.filePlaces)
        slowTasks = WorkQueue(capacity: limits.slowQueue)
        waitingTasks = WorkQueue(capacity: limits.waitingQueue)
        let events = EventSet()
        let connections = Locked(Connections())
        waitingRoom = WaitingRoom(
            admit: { $0.isLong ? events.ready($0) : events.rearm($0) },
            drop: { connection in connections.withLock { _ = $0.open.remove(connection) } })
        self.events = events
        self.connections = connections
    }

    /// Starts the threads.
    public func start() {
        let flags = fcntl(listener, F_GETFL)
        _ = fcntl(listener, F_SETFL, flags | O_NONBLOCK)
        events.add(listener: listener)
        threads.withLock { threads in
            threads += (0..<limits.workers).map { _ in Thread { self.work() } }
            threads.append(Thread { self.waitingRoom.run() })
            threads += (0..<limits.slowWorkers).map { _ in Thread { self.work(on: self.slowTasks) } }
            threads += (0..<limits.waitingWorkers).map { _ in Thread { self.work(on: self.waitingTasks) } }
        }
    }

    /// Takes no new connection, answers those that are open until the web
    /// server closes them, and returns when all threads have ended.
    ///
    /// They are not closed from this side: a request may be on its way, and a
    /// POST is not sent twice.
    public func stop() {
        events.remove(listener: listener)
        connections.withLock { $0.isStopping = true }
        let pauseMicroseconds: UInt32 = 5_000
        var pausesLeft = limits.drainSeconds * 1_000_000 / Int(pauseMicroseconds)
        while pausesLeft > 0, openConnections > 0 {
            usleep(pauseMicroseconds)
            pausesLeft -= 1
        }
        slowTasks.close()
        waitingTasks.close()
        waitingRoom.close()
        events.wakeAll()
        for thread in threads.withLock({ $0 }) { thread.join() }
        connections.withLock { $0.open.removeAll() }
    }

    /// As it is now.
    public var currentLoad: Load {
        var load = load.withLock { $0 }
        load.slowWaiting = slowTasks.count
        load.slowCapacity = limits.slowQueue
        return load
    }

    /// How many connections the web server holds open.
    public var openConnections: Int {
        connections.withLock { $0.open.count }
    }

    private func work() {
        while true {
            switch events.wait() {
            case .listener: acceptConnection()
            case .connection(let connection): serve(connection)
            case .wake: return
            }
        }
    }

    private func work(on tasks: WorkQueue<SlowTask>) {
        while let task = tasks.pop() {
            // At the end nobody waits for another program: who asked is told at once.
            if tasks === waitingTasks, connections.withLock({ $0.isStopping }) {
                finish(task.connection, task.request.method, with: handler.refuse(task.request))
            } else {
                answer(task.request, on: task.connection)
            }
            if let stopwatch = task.stopwatch { end(stopwatch, isSlow: true) }
        }
    }

    private func acceptConnection() {
        let (accepted, failure): (Connection?, Int32) = connections.withLock { connections in
            // Stopping and accepting exclude each other: what is accepted here
            // is waited for, what is not stays in the queue for a successor.
            if connections.isStopping { return (nil, 0) }
            let descriptor = accept_close_on_exec(listener)
            // Negative: another worker was faster, or the peer has gone.
            guard descriptor >= 0 else { return (nil, errno) }
            return (open(descriptor, &connections, isFromInside: false), 0)
        }
        if let accepted {
            if !events.add(accepted) { drop(accepted) }
        } else if failure == EMFILE || failure == ENFILE || failure == ENOMEM {
            // The listener stays ready; without a pause this would spin.
            usleep(10_000)
        }
    }

    private func open(
        _ descriptor: Int32, _ connections: inout Connections, isFromInside: Bool
    ) -> Connection {
        let connection = Connection(
            descriptor: descriptor, bodyLimit: bodyLimit, places: places, isFromInside: isFromInside)
        connections.open.insert(connection)
        return connection
    }

    /// Takes a connected socket whose other end is in this program, as if it had
    /// been accepted; false if there is no place for it any more.
    func adopt(_ descriptor: Int32) -> Bool {
        let connection: Connection? = connections.withLock { connections in
            connections.isStopping ? nil : open(descriptor, &connections, isFromInside: true)
        }
        guard let connection else {
            close(descriptor)
            return false
        }
        guard events.add(connection) else {
            drop(connection)
            return false
        }
        return true
    }

    private func serve(_ connection: Connection) {
        switch connection.look() {
        case .ready: break
        case .incomplete, .long: return waitingRoom.add(connection)
        case .malformed, nil: return drop(connection)
        }
        guard let request = connection.receive() else { return drop(connection) }
        // What comes from inside is no load.
        let stopwatch = request.isFromInside ? nil : begin()
        switch handler.lane(request) {
        case .ordinary: answerAtOnce(request, on: connection, stopwatch)
        case .slow: leave(request, to: slowTasks, on: connection, stopwatch)
        case .waiting: leave(request, to: waitingTasks, on: connection, stopwatch)
        }
    }

    private func answerAtOnce(
        _ request: consuming Request, on connection: Connection, _ stopwatch: Stopwatch?
    ) {
        let method = request.method
        switch handler.answerAtOnce(request) {
        case .now(let response):
            finish(connection, method, with: response)
            if let stopwatch { end(stopwatch, isSlow: false) }
        case .later(let request):
            leave(request, to: waitingTasks, on: connection, stopwatch)
        }
    }

    private func leave(
        _ request: Request, to tasks: WorkQueue<SlowTask>, on connection: Connection, _ stopwatch: Stopwatch?
    ) {
        let task = SlowTask(connection: connection, request: request, stopwatch: stopwatch)
        if tasks.push(task) { return }
        if stopwatch != nil { noteRefusal(isSlow: tasks === slowTasks) }
        finish(connection, request.method, with: handler.refuse(request))
    }

    private func begin() -> Stopwatch {
        load.withLock { $0.inProgress += 1 }
        return Stopwatch()
    }

    private func end(_ stopwatch: Stopwatch, isSlow: Bool) {
        let nanoseconds = stopwatch.nanoseconds
        load.withLock { load in
            load.inProgress -= 1
            if isSlow {
                load.slow.add(nanoseconds: nanoseconds)
            } else {
                load.ordinary.add(nanoseconds: nanoseconds)
            }
        }
    }

    private func noteRefusal(isSlow: Bool) {
        load.withLock { load in
            load.inProgress -= 1
            if isSlow { load.slowRefused += 1 }
        }
    }

    private func answer(_ request: consuming Request, on connection: Connection) {
        let method = request.method
        finish(connection, method, with: handler.answer(request))
    }

    private func finish(_ connection: Connection, _ method: Method, with response: Response) {
        switch connection.send(response, withoutBody: method == .head) {
        case .reuse: events.rearm(connection)
        case .linger: waitingRoom.addLeaving(connection)
        case .close: drop(connection)
        }
    }

    private func drop(_ connection: Connection) {
        connections.withLock { _ = $0.open.remove(connection) }
    }
}
