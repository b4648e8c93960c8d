internal import Notifications
internal import Routing

/// The page that shows an event's notifications as they will look: each in its own frame, where nothing runs and
/// nothing is fetched.
struct ExplainPage {
    let report: ExplainReport

    init(_ report: ExplainReport) { self.report = report }

    var html: String {
        let event = report.explanation.event
        let routes = report.explanation.routes.map { route in
            let sign = route.verdict == .matched ? "✓" : "✗"
            let words = ExplainReport.words(route.verdict)
            let mark = route.verdict == .matched ? "" : " class=\"no\""
            return "<li\(mark)>\(sign) <b>\(Self.escaped(route.route))</b>: \(Self.escaped(words))</li>"
        }
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
            <title>\(Self.escaped(event?.type ?? "no event"))</title>
            <style>
            body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; color: #222 }
            section { border: 1px solid #ccc; border-radius: 8px; margin: 1.5rem 0; overflow: hidden }
            header { background: #f3f3f3; padding: .6rem 1rem }
            small, .context { color: #666 }
            ul { list-style: none; padding: 0 }
            li.no { color: #666 }
            h2 { font-size: 1.1rem; margin: 0; padding: .8rem 1rem }
            h3 { font-size: .8rem; font-weight: normal; color: #666; margin: 0; padding: .8rem 1rem 0 }
            pre { white-space: pre-wrap; margin: 0; padding: .5rem 1rem 1rem; overflow-wrap: anywhere }
            iframe { border: 0; width: 100%; height: 44rem; background: #fff }
            .bubble { background: #e9f5e9; border-radius: 12px; display: inline-block; margin: 1rem; max-width: 28rem; padding: .8rem; white-space: pre-wrap }
            .slack { padding: .2rem 1rem }
            .slack p, .slack .fields div { white-space: pre-line }
            .slack .title { font-size: 1.2rem; font-weight: 700 }
            .slack .fields { display: grid; grid-template-columns: 1fr 1fr; gap: .6rem; max-width: 40rem }
            </style>
            </head>
            <body>
            <h1>\(Self.escaped(event?.type ?? "No event"))</h1>
            <p>\(Self.escaped(report.sentence))<br><small>\(Self.escaped(event.map { "\($0.id), \($0.source), \($0.time)" } ?? ""))</small></p>
            <ul>
            \(routes.joined(separator: "\n"))
            </ul>
            \(report.produced.map(Self.section).joined(separator: "\n"))
            </body>
            </html>

            """
    }

    private static func section(_ one: ExplainReport.Produced) -> String {
        guard let notification = one.notification else {
            return "<section><header><b>\(one.channel.rawValue)</b>: suppressed</header>\(pre(one.json))</section>"
        }
        let to = ExplainReport.recipient(notification.recipient)
        return """
            <section>
            <header><b>\(one.channel.rawValue)</b> to \(escaped(to))<br><small>\(escaped(one.route)) \(escaped(notification.id))</small></header>
            \(content(notification.content))
            </section>
            """
    }

    private static func content(_ content: Notification.Content) -> String {
        switch content {
        case .email(let subject, let text, let html):
            let frame = html.map {
                "<iframe sandbox srcdoc=\"\(escaped($0))\" title=\"the mail\"></iframe><h3>For readers without HTML</h3>"
            }
            return "<h2>\(escaped(subject))</h2>\(frame ?? "")\(pre(text))"
        case .sms(let text): return "<div class=\"bubble\">\(escaped(text))</div>"
        case .webhook(let json): return "<h3>The request's body, indented</h3>" + pre(JSONText(parsing: json).pretty)
        case .slack(let text, let blocks):
            let fallback = blocks.map { _ in "<h3>Where blocks are not shown</h3>\(pre(text))" } ?? ""
            return SlackPreview(text: text, blocks: blocks).html + fallback
        }
    }

    private static func pre(_ text: String) -> String { "<pre>\(escaped(text))</pre>" }

    static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            .replacing("\"", with: "&quot;")
    }
}
