import JSONBytes

/// Parsing the JSON of events of several sizes.
enum ScanBench {
    static func run(_ options: BenchOptions) throws {
        let order = Workload.event("order.created")
        try measure("scan order.created", order, options.rounds)
        try measure("scan 16 orders in an array", array(of: order, 16), options.rounds / 16)
        let text = Array(#"{"event_type":"a","text":""#.utf8)
        let prose = Array(repeating: Array("Grüße aus Köln, \\\"bis bald\\\"! ".utf8), count: 64).flatMap { $0 }
        try measure("scan 2 KB of text with escapes and umlauts", text + prose + Array(#""}"#.utf8), options.rounds / 8)
    }

    private static func array(of event: [UInt8], _ count: Int) -> [UInt8] {
        var text: [UInt8] = [UInt8(ascii: "[")]
        for _ in 0..<count { text += event + [UInt8(ascii: ",")] }
        text[text.count - 1] = UInt8(ascii: "]")
        return text
    }

    private static func measure(_ name: String, _ text: [UInt8], _ rounds: Int) throws {
        let document = JSONDocument()
        try text.withUnsafeBytes { text in
            let cost = try Meter.measure(max(rounds, 1)) { try document.parse(text) }
            cost.print(name, detail: "\(text.count) bytes")
        }
    }
}
