internal import Settings

/// Reads a pattern from YAML and collects its faults.
struct PatternCompiler {
    /// More branches than anybody writes: each `$or` multiplies them.
    private static let maximumBranches = 1_000
    /// Event Ruler keeps these names free inside of `$or`.
    private static let reservedNames: Set<String> = [
        "exactly", "equals-ignore-case", "prefix", "suffix", "anything-but", "exists", "wildcard", "numeric", "cidr",
        "=", "<", "<=", ">", ">=", "regex", "not-wildcard", "not-equals-ignore-case", "date-after",
        "date-on-or-after", "date-before", "date-on-or-before", "in-date-range", "ip-address-in-range",
        "ip-address-not-in-range",
    ]

    let file: String
    private(set) var faults: [SettingsFault] = []

    init(file: String) {
        self.file = file
    }

    mutating func compile(_ node: YAMLNode, key: String) -> Pattern {
        var branches: [[Pattern.Field]] = [[]]
        object(node, key: key, path: [], insideOr: false, into: &branches)
        return Pattern(branches: branches.map { $0.sorted { $0.name < $1.name } })
    }

    mutating func report(_ node: YAMLNode, _ key: String, _ message: String, suggestion: String? = nil) {
        if let fault = SettingsFault(file: file, at: node, key: key, message: message, suggestion: suggestion) {
            faults.append(fault)
        }
    }

    // MARK: - Objects

    private mutating func object(
        _ node: YAMLNode, key: String, path: [String], insideOr: Bool, into branches: inout [[Pattern.Field]]
    ) {
        guard let members = node.members, !members.isEmpty else {
            return report(node, key, "must be a mapping of fields to lists of conditions, and not empty")
        }
        for member in members {
            let memberKey = "\(key).\(member.key)"
            if member.key == "$or" {
                alternatives(member.value, key: memberKey, path: path, into: &branches)
            } else if insideOr, Self.reservedNames.contains(member.key) {
                report(member.value, memberKey, "is the name of an operator, and inside of $or no field can have it")
            } else if member.value.members != nil {
                object(
                    member.value, key: memberKey, path: path + [member.key], insideOr: insideOr, into: &branches)
            } else {
                field(member.value, key: memberKey, path: path + [member.key], into: &branches)
            }
        }
    }

    private mutating func alternatives(
        _ node: YAMLNode, key: String, path: [String], into branches: inout [[Pattern.Field]]
    ) {
        guard let elements = node.elements, elements.count >= 2 else {
            return report(node, key, "must be a list of at least two patterns")
        }
        var all: [[Pattern.Field]] = []
        for (position, element) in elements.enumerated() {
            var alternative = branches
            object(element, key: "\(key)[\(position)]", path: path, insideOr: true, into: &alternative)
            all += alternative
        }
        guard all.count <= Self.maximumBranches else {
            return report(node, key, "makes more than \(Self.maximumBranches) combinations")
        }
        branches = all
    }

    private mutating func field(
        _ node: YAMLNode, key: String, path: [String], into branches: inout [[Pattern.Field]]
    ) {
        guard let elements = node.elements, !elements.isEmpty else {
            return report(node, key, "must be a list of values and conditions, and not empty; write [value] for one")
        }
        var conditions: [Condition] = []
        var mayBeAbsent = false
        for (position, element) in elements.enumerated() {
            switch condition(element, key: "\(key)[\(position)]") {
            case .absent: mayBeAbsent = true
            case .value(let condition): conditions.append(condition)
            case nil: break
            }
        }
        let name = path.joined(separator: ".")
        if branches.contains(where: { $0.contains { $0.name == name } }) {
            return report(node, key, "is asked for twice")
        }
        let root = EventAttribute(path: name).map(Pattern.Root.attribute) ?? .data(FieldPath(name))
        let field = Pattern.Field(
            name: name, root: root, conditions: conditions, mayBeAbsent: mayBeAbsent, source: node.json)
        for index in branches.indices { branches[index].append(field) }
    }
}
