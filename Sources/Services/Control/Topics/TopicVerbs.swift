internal import CommandLineKit
internal import Kafka
internal import Lifecycle

/// `topics plan` and `topics apply`
enum TopicVerbs {
    static let all = [plan, apply]

    private static let details = """
        The topics are those that core.yaml and the channels' files name: inputs, outputs, retry
        topics (7 days), dead letters (14 days, 2 MiB), status, and the contacts (compacted).
        A topic that is there is never changed: what differs is only told.
        """
    private static let options: [Verb.Option] = [
        .value("--partitions", "N", "Partitions of each topic; 4. More than planned is no difference."),
        .value("--replication", "N", "Replicas of each partition; else the cluster's default."),
    ]

    private static let plan = Verb(
        "topics plan", "says which topics are missing and which differ from the plan.", details: details,
        options: options
    ) { invocation, printer throws(CommandFault) in
        let settings = try ControlSettings(invocation)
        let plan = try plan(settings, invocation)
        let missing = try findings(plan, settings.kafka).filter { wanted, finding in
            row(wanted, finding, action: finding == .missing ? "create" : nil, printer)
            return finding == .missing
        }
        printer.flush()
        if !missing.isEmpty { printer.note("\(missing.count) missing: \(invocation.program) topics apply makes them") }
        return .ok
    }

    private static let apply = Verb(
        "topics apply", "creates the topics that are missing.", details: details, options: options
    ) { invocation, printer throws(CommandFault) in
        let settings = try ControlSettings(invocation)
        let plan = try plan(settings, invocation)
        let findings = try findings(plan, settings.kafka)
        let missing = findings.filter { $0.1 == .missing }.map(\.0)
        let failures = try withKafka(settings.kafka) { () throws(KafkaError) in
            missing.isEmpty ? [] : try Admin(settings.kafka).create(missing)
        }
        for (wanted, finding) in findings {
            let failed = failures.contains { $0.name == wanted.name }
            row(wanted, finding, action: failed ? "failed" : finding == .missing ? "created" : nil, printer)
        }
        printer.flush()
        for failure in failures { printer.note("\(failure.name): \(failure.error.text)") }
        return failures.isEmpty ? .ok : .fatal
    }

    private static func plan(
        _ settings: ControlSettings, _ invocation: Invocation
    ) throws(CommandFault) -> TopicPlan {
        let partitions = try invocation.integer("--partitions", default: 4, in: 1...10_000)
        let replication = try invocation.integer("--replication", default: 0, in: 1...100)
        return TopicPlan(settings, partitions: partitions, replication: replication == 0 ? nil : replication)
    }

    private static func findings(
        _ plan: TopicPlan, _ kafka: KafkaSettings
    ) throws(CommandFault) -> [(Admin.NewTopic, TopicPlan.Finding)] {
        try withKafka(kafka) { () throws(KafkaError) in
            let admin = try Admin(kafka)
            let present = try admin.topics()
            let known = plan.topics.filter { present[$0.name] != nil && !$0.configuration.isEmpty }
            let configuration = try admin.configuration(of: known.map(\.name))
            return plan.topics.map { wanted in
                let own = configuration[wanted.name] ?? [:]
                return (wanted, TopicPlan.compare(wanted, with: present[wanted.name], configuration: own))
            }
        }
    }

    private static func row(
        _ wanted: Admin.NewTopic, _ finding: TopicPlan.Finding, action: String?, _ printer: Printer
    ) {
        let settings = wanted.configuration.map { "\($0.name)=\($0.value)" }.joined(separator: " ")
        var (state, details) = ("ok", settings)
        if case .differs(let differences) = finding {
            (state, details) = ("differs", differences.joined(separator: "; "))
        }
        printer.row([
            ("topic", .text(wanted.name)), ("state", .text(action ?? state)),
            ("partitions", .integer(wanted.partitions)), ("replication", .optional(wanted.replication)),
            ("details", details.isEmpty ? .none : .text(details)),
        ])
    }
}
