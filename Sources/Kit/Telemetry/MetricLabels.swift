/// The labels of a sample as they stand between the braces.
struct MetricLabels: Sendable, Equatable {
    let text: String

    init(_ labels: MetricsRegistry.Labels) {
        text = labels.map { "\($0)=\"\(Self.escape($1))\"" }.joined(separator: ",")
    }

    private static func escape(_ value: String) -> String {
        var escaped = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\"": escaped += "\\\""
            case "\n": escaped += "\\n"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
