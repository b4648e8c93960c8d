import Testing

@testable import Control

struct SlackPreviewTests {
    @Test(arguments: [
        ("*Total*\n9.99", "<b>Total</b>\n9.99"),
        ("2 * 3 * 4", "2 * 3 * 4"),
        ("`a` ~b~", "<code>a</code> <s>b</s>"),
        ("a &lt;b&gt; &amp; c", "a &lt;b&gt; &amp; c"),
        ("see <https://x.example/?a=1|the order>!", "see <u title=\"https://x.example/?a=1\">the order</u>!"),
        ("<https://x.example>", "<u title=\"https://x.example\">https://x.example</u>"),
        ("<a\"b|c\"d>", "<u title=\"a&quot;b\">c&quot;d</u>"),
        ("a < b", "a &lt; b"),
        ("<u|<script>", "&lt;u|<u title=\"script\">script</u>"),
    ])
    func showsSlacksMarkup(text: String, html: String) { #expect(SlackPreview.marked(text) == html) }

    @Test func showsTheCommonBlocksAndTheRestAsJSON() {
        let blocks = """
            [{"type":"header","text":{"type":"plain_text","text":"A *b* <c>"}},{"type":"divider"},
             {"type":"section","text":{"type":"mrkdwn","text":"*t*"},"fields":[{"type":"mrkdwn","text":"*x*"}]},
             {"type":"context","elements":[{"type":"mrkdwn","text":"e"},{"type":"image","alt_text":"<logo>"}]},
             {"type":"video","url":"<v>"}]
            """
        let html = SlackPreview(text: "unused", blocks: Array(blocks.utf8)).html
        for part in [
            "<p class=\"title\">A *b* &lt;c&gt;</p>", "<hr>",
            "<p><b>t</b></p><div class=\"fields\"><div><b>x</b></div></div>",
            "<p class=\"context\">e [&lt;logo&gt;]</p>", "&quot;url&quot;: &quot;&lt;v&gt;&quot;",
        ] {
            #expect(html.contains(part))
        }
        #expect(!html.contains("unused"))
    }

    @Test(arguments: [nil, "[]", "no JSON"])
    func showsTheTextWhereThereAreNoBlocks(blocks: String?) {
        #expect(SlackPreview(text: "*t*", blocks: blocks.map { Array($0.utf8) }).html.contains("<p><b>t</b></p>"))
    }
}
