/// A channel whose messages are written by templates. A webhook has none: its body is the event's data.
package enum TemplateChannel: String, CaseIterable, Sendable {
    case email, sms, slack

    /// One file of a channel's templates.
    struct Part: Sendable {
        let name: String
        let escaping: Template.Escaping
        let isRequired: Bool
        /// A line feed at the file's end is the editor's, not the message's.
        var trimsEnd = false
        /// A line feed anywhere would break the message.
        var isOneLine = false
        /// Blocks are JSON themselves, everything else becomes a string of the notification.
        var target: Template.Target { escaping == .slackJSON ? .text : .jsonString }
    }

    var parts: [Part] {
        switch self {
        case .email:
            [
                Part(name: "subject", escaping: .none, isRequired: true, trimsEnd: true, isOneLine: true),
                Part(name: "text", escaping: .none, isRequired: true),
                Part(name: "html", escaping: .html, isRequired: false),
            ]
        case .sms: [Part(name: "text", escaping: .none, isRequired: true, trimsEnd: true)]
        case .slack:
            [
                Part(name: "text", escaping: .slack, isRequired: true, trimsEnd: true),
                Part(name: "blocks", escaping: .slackJSON, isRequired: false),
            ]
        }
    }
}

/// The compiled templates of one channel in one language.
package enum ChannelTemplates: Sendable {
    case email(subject: Template, text: Template, html: Template?)
    case sms(text: Template)
    /// `blocks` renders a JSON array of Slack's blocks; whoever sends it checks that it is one.
    case slack(text: Template, blocks: Template?)
}

extension ChannelTemplates {
    /// Puts the compiled parts of a channel in their places; nil where a required one is missing.
    init?(_ channel: TemplateChannel, _ parts: [String: Template]) {
        guard let text = parts["text"] else { return nil }
        switch channel {
        case .email:
            guard let subject = parts["subject"] else { return nil }
            self = .email(subject: subject, text: text, html: parts["html"])
        case .sms: self = .sms(text: text)
        case .slack: self = .slack(text: text, blocks: parts["blocks"])
        }
    }
}
