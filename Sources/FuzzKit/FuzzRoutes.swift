import Routing
import Settings
import TestKit

/// A routing table that makes a notification of every channel from any event, with what the table can say.
enum FuzzRoutes {
    private static let table = """
        routes:
          - name: all
            event: "*"
            priority: high
            expires_in: 1h
            metadata: { team: fuzz, order: { path: order_id }, kind: { path: event.type } }
            notify:
              - channel: webhook
                to: { endpoint: any }
              - channel: webhook
                name: callback
                to: { url: [callback_url], endpoint: any }
              - channel: email
                to: [user.email, email]
                template: words
              - channel: sms
                to: [phone]
                template: words
              - channel: slack
                to: [slack]
                template: words
        """

    private static let templates = [
        "email.subject": "{{event.type}}", "email.text": "{{#items}}{{sku}}{{^sku}}-{{/sku}}\n{{/items}}{{event.id}}",
        "email.html": "<p>{{event.source}}{{#name}}, {{name}}{{/name}}</p>", "sms.text": "{{event.type}}",
        "slack.text": "{{event.type}}", "slack.blocks": #"[{"type":"section","text":"{{event.id}}"}]"#,
    ]

    static func mapper() -> Mapper {
        let directory = TemporaryDirectory()
        let file = directory.write("routing.yaml", table)
        for (part, text) in templates { directory.write("templates/words/\(part).mustache", text) }
        do throws(SettingsError) {
            let table = try RoutingTable.load(
                file: file, templatesDirectory: "\(directory.path)/templates", endpoints: nil, environment: [:])
            return Mapper(table: table, contacts: ContactTable())
        } catch {
            preconditionFailure("the routes of the fuzzer do not load: \(error)")
        }
    }
}
