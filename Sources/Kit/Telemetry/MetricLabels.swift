/// The labels of a sample as they stand between the braces.
struct MetricLabels: Sendable, Equatable {
    let text: String

    /// Each name with its value; there must be as many of one as of the other.
    init(_ names: [String], _ values: [String]) {
        precondition(names.count == values.count, "labels \(names) need as many values")
        text = zip(names, values).map { "\($0)=\"\(Self.escape($1))\"" }.joined(separator: ",")
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
