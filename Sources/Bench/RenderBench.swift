import JSONBytes
import Templates

/// Rendering each part of each template, as the core does for every notification.
enum RenderBench {
    static func run(_ options: BenchOptions) throws {
        for directory in options.directories {
            let set = try TemplateSet.load(directory: "\(directory)/templates")
            for name in set.names {
                for channel in TemplateChannel.allCases {
                    guard let templates = set.templates(name: name, channel: channel)?.standard.templates else {
                        continue
                    }
                    for (part, template) in parts(of: templates) {
                        try measure("render \(directory) \(name) \(channel).\(part)", template, options.rounds)
                    }
                }
            }
        }
    }

    private static func parts(of templates: ChannelTemplates) -> [(name: String, template: Template)] {
        switch templates {
        case .email(let subject, let text, let html):
            [("subject", subject), ("text", text)] + (html.map { [("html", $0)] } ?? [])
        case .sms(let text): [("text", text)]
        case .slack(let text, let blocks): [("text", text)] + (blocks.map { [("blocks", $0)] } ?? [])
        }
    }

    private static func measure(_ name: String, _ template: Template, _ rounds: Int) throws {
        let (data, person) = (JSONDocument(), JSONDocument())
        let (event, contact) = (Workload.event("order.created"), Array(Workload.contact.utf8))
        try event.withUnsafeBytes { event in
            try contact.withUnsafeBytes { contact in
                try Array("order.created".utf8).withUnsafeBytes { word in
                    let scope = TemplateScope(
                        data: try data.parse(event), contact: try person.parse(contact),
                        attributes: EventAttributes(id: word, type: word, source: word, time: word))
                    var output = ByteBuffer()
                    let cost = try Meter.measure(rounds) {
                        output.removeAll()
                        try template.render(scope, into: &output)
                    }
                    cost.print(name, detail: "\(output.count) bytes")
                }
            }
        }
        withExtendedLifetime((data, person)) {}
    }
}
