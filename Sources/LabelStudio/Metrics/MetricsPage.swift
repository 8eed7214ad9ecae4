internal import Accounts
internal import FastCGI
internal import HTTP
internal import Metrics
internal import Web

/// The figures of the whole program; docs/metrics.md describes them.
struct MetricsPage: Sendable {
    let version: String
    let startedAt: Timestamp
    let figures: Figures
    let database: MeasuredDatabase
    let load: @Sendable () -> Responder.Load
    /// Nil if they cannot be counted.
    let sessions: @Sendable () -> Int?
    /// Nil: there is no Label Studio behind the gate.
    let labelingServerAnswers: @Sendable () -> Bool?

    var text: String {
        var page = Exposition()
        addProgram(to: &page)
        addRequests(to: &page)
        addPeople(to: &page)
        addDatabase(to: &page)
        addLabelingServer(to: &page)
        return page.text
    }

    private func addProgram(to page: inout Exposition) {
        page.begin("label_studio_build_info", .gauge, "The version of the program; always 1.")
        page.add(1, ["version": version])
        page.begin("label_studio_start_time_seconds", .gauge, "When the program was started, since 1970.")
        page.add(Double(startedAt.microseconds) / 1_000_000)
    }

    private func addRequests(to page: inout Exposition) {
        let load = load()
        page.begin(
            "label_studio_requests_total", .counter, "Requests that were answered, by route and status.")
        for answers in figures.current.requests {
            page.add(answers.count, ["route": answers.route, "status": "\(answers.status.rawValue)"])
        }
        page.begin(
            "label_studio_request_duration_seconds", .histogram,
            "From the arrival of a request to its answer; lane slow: it hashes a password or decodes a photo."
        )
        page.add(load.ordinary, ["lane": "ordinary"])
        page.add(load.slow, ["lane": "slow"])
        page.begin(
            "label_studio_requests_in_progress", .gauge, "Requests that have arrived and are not answered.")
        page.add(load.inProgress)
        page.begin("label_studio_slow_queue_waiting", .gauge, "Slow requests that wait for a worker.")
        page.add(load.slowWaiting)
        page.begin("label_studio_slow_queue_capacity", .gauge, "How many slow requests may wait.")
        page.add(load.slowCapacity)
        page.begin(
            "label_studio_slow_queue_refused_total", .counter, "Slow requests refused, since too many waited."
        )
        page.add(load.slowRefused)
    }

    private func addPeople(to page: inout Exposition) {
        let counts = figures.current
        page.begin("label_studio_log_ins_total", .counter, "Log-ins that were tried, by what came of it.")
        for outcome in Figures.LogInOutcome.allCases {
            page.add(counts.logIns[outcome] ?? 0, ["outcome": outcome.rawValue])
        }
        page.begin("label_studio_sign_ups_total", .counter, "Sign-ups that were tried, by what came of it.")
        for outcome in Figures.SignUpOutcome.allCases {
            page.add(counts.signUps[outcome] ?? 0, ["outcome": outcome.rawValue])
        }
        page.begin("label_studio_invitations_total", .counter, "What was done with the invite link.")
        for use in Figures.InvitationUse.allCases {
            page.add(counts.invitations[use] ?? 0, ["act": use.rawValue])
        }
        page.begin("label_studio_limited_total", .counter, "What was refused because it was tried too often.")
        for limit in Limit.allCases { page.add(counts.refusals[limit] ?? 0, ["limit": limit.rawValue]) }
        guard let sessions = sessions() else { return }
        page.begin("label_studio_sessions", .gauge, "Sessions that have not expired.")
        page.add(sessions)
    }

    private func addDatabase(to page: inout Exposition) {
        let times = database.times
        page.begin(
            "label_studio_database_duration_seconds", .histogram,
            "Reads, and transactions that write, waiting included.")
        page.add(times.reads, ["act": "read"])
        page.add(times.writes, ["act": "write"])
    }

    private func addLabelingServer(to page: inout Exposition) {
        guard let answers = labelingServerAnswers() else { return }
        page.begin(
            "label_studio_labeling_server_up", .gauge,
            "Whether the Label Studio behind the gate answers and takes our key.")
        page.add(answers ? 1 : 0)
    }
}
