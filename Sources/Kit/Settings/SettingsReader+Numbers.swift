internal import Time

/// Numbers, sizes, durations and switches.
extension SettingsReader {
    /// A whole number inside `range`.
    package func int(
        _ key: String, env variable: String? = nil, default value: Int, in range: ClosedRange<Int> = 0...Int.max
    ) -> Int {
        read(key, variable: variable, default: value, show: { String($0) }) { text throws(BadValue) in
            guard let number = Int(text), text.first != "+" else {
                throw BadValue(message: "must be a whole number, not \"\(text)\"")
            }
            return try check(number, in: range, shown: text) { String($0) }
        }
    }

    /// A number inside `range`, such as `0.25`.
    package func double(
        _ key: String, env variable: String? = nil, default value: Double, in range: ClosedRange<Double>
    ) -> Double {
        read(key, variable: variable, default: value, show: { "\($0)" }) { text throws(BadValue) in
            guard text.utf8.allSatisfy({ "0123456789.-eE".utf8.contains($0) }), let number = Double(text),
                number.isFinite
            else { throw BadValue(message: "must be a number, not \"\(text)\"") }
            return try check(number, in: range, shown: text) { "\($0)" }
        }
    }

    /// `true` or `false`; `on` and `off` mean the same.
    package func bool(_ key: String, env variable: String? = nil, default value: Bool) -> Bool {
        read(key, variable: variable, default: value, show: { $0 ? "true" : "false" }) { text throws(BadValue) in
            switch text {
            case "true", "on": return true
            case "false", "off": return false
            default: throw BadValue(message: "must be true or false, not \"\(text)\"")
            }
        }
    }

    /// A duration such as `200ms`, `15s`, `5m`, `24h` or `7d`, inside `range`.
    package func duration(
        _ key: String, env variable: String? = nil, default value: Duration,
        in range: ClosedRange<Duration> = .zero ... .days(3_650)
    ) -> Duration {
        read(key, variable: variable, default: value, show: DurationText.format) { text throws(BadValue) in
            try parseDuration(text, in: range)
        }
    }

    /// A list of durations, each inside `range`; a variable holds them with commas.
    package func durations(
        _ key: String, env variable: String? = nil, default value: [Duration],
        in range: ClosedRange<Duration> = .zero ... .days(3_650)
    ) -> [Duration] {
        list(key, variable: variable, default: value, show: DurationText.format) { text throws(BadValue) in
            try parseDuration(text, in: range)
        }
    }

    /// A count of bytes, plain or with `KiB`, `MiB` or `GiB`, inside `range`.
    package func bytes(
        _ key: String, env variable: String? = nil, default value: Int, in range: ClosedRange<Int> = 0...Int.max
    ) -> Int {
        read(key, variable: variable, default: value, show: ByteCount.format) { text throws(BadValue) in
            guard let count = ByteCount.parse(text) else {
                throw BadValue(message: "must be a size such as 512, 64KiB or 1MiB, not \"\(text)\"")
            }
            return try check(count, in: range, shown: text, ByteCount.format)
        }
    }
}

private func parseDuration(_ text: String, in range: ClosedRange<Duration>) throws(BadValue) -> Duration {
    guard let duration = DurationText.parse(text) else {
        throw BadValue(message: "must be a duration such as 200ms, 15s, 5m, 24h or 7d, not \"\(text)\"")
    }
    return try check(duration, in: range, shown: text, DurationText.format)
}

private func check<Value>(
    _ value: Value, in range: ClosedRange<Value>, shown text: String, _ format: (Value) -> String
) throws(BadValue) -> Value {
    guard !range.contains(value) else { return value }
    let bounds =
        if let maximum = Int.max as? Value, range.upperBound == maximum {
            "at least \(format(range.lowerBound))"
        } else {
            "from \(format(range.lowerBound)) to \(format(range.upperBound))"
        }
    throw BadValue(message: "must be \(bounds), not \(text)")
}
