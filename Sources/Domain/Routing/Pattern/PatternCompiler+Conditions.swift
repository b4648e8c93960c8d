internal import JSONBytes
internal import Settings

// The conditions of one field.
extension PatternCompiler {
    enum FieldCondition {
        case value(Condition)
        /// `exists: false`
        case absent
    }

    private static let operators = [
        "prefix", "suffix", "anything-but", "numeric", "exists", "equals-ignore-case", "wildcard", "cidr",
    ]

    /// One element of a field's list; nil after noting a fault.
    mutating func condition(_ node: YAMLNode, key: String) -> FieldCondition? {
        switch node.content {
        case .scalar: return value(YAMLScalar(node)).map(FieldCondition.value)
        case .sequence:
            report(node, key, "must be a value or a condition, not a list")
            return nil
        case .mapping(let members):
            guard members.count == 1, let member = members.first else {
                report(node, key, "must have exactly one operator")
                return nil
            }
            let memberKey = "\(key).\(member.key)"
            if member.key == "exists" { return existence(member.value, key: memberKey) }
            return operation(member, key: memberKey).map(FieldCondition.value)
        }
    }

    private func value(_ scalar: YAMLScalar?) -> Condition? {
        switch scalar {
        case .text(let text): NetworkRange(address: text).map(Condition.network) ?? .text(Array(text.utf8))
        case .number(let text): number(text)
        case .literal(let kind): .literal(kind)
        case nil: nil
        }
    }

    private func number(_ text: String) -> Condition {
        let bytes = Array(text.utf8)
        return .number(value: bytes.withUnsafeBytes { ComparableNumber.value(of: $0) }, text: bytes)
    }

    private mutating func existence(_ node: YAMLNode, key: String) -> FieldCondition? {
        switch YAMLScalar(node) {
        case .literal(.true): return .value(.exists)
        case .literal(.false): return .absent
        default:
            report(node, key, "must be true or false")
            return nil
        }
    }

    private mutating func operation(_ member: YAMLNode.Member, key: String) -> Condition? {
        let node = member.value
        switch member.key {
        case "prefix": return folded(node, key: key, Condition.foldedPrefix) { .prefix(Array($0.utf8)) }
        case "suffix": return folded(node, key: key, Condition.foldedSuffix) { .suffix(Array($0.utf8)) }
        case "equals-ignore-case": return text(node, key: key).map { .foldedText(FoldedText($0)) }
        case "wildcard": return wildcard(node, key: key)
        case "cidr":
            guard let text = text(node, key: key) else { return nil }
            if let range = NetworkRange(cidr: text) { return .network(range) }
            report(node, key, "must be a network such as 10.0.0.0/8 or 2001:db8::/32")
            return nil
        case "numeric": return numeric(node, key: key)
        case "anything-but": return anythingBut(node, key: key)
        default:
            report(
                node, key, "unknown operator",
                suggestion: Suggestion.nearest(to: member.key, among: Self.operators))
            return nil
        }
    }

    // MARK: - Texts

    private mutating func text(_ node: YAMLNode, key: String) -> String? {
        if case .text(let text) = YAMLScalar(node) { return text }
        report(node, key, "must be a text")
        return nil
    }

    /// A text, or a text inside of `equals-ignore-case`.
    private mutating func folded(
        _ node: YAMLNode, key: String, _ folded: (FoldedText) -> Condition, plain: (String) -> Condition
    ) -> Condition? {
        guard let members = node.members else { return text(node, key: key).map(plain) }
        guard members.count == 1, members[0].key == "equals-ignore-case" else {
            report(node, key, "must be a text, or a text inside of equals-ignore-case")
            return nil
        }
        return text(members[0].value, key: "\(key).equals-ignore-case").map { folded(FoldedText($0)) }
    }

    private mutating func wildcard(_ node: YAMLNode, key: String) -> Condition? {
        guard let text = text(node, key: key) else { return nil }
        do throws(WildcardText.Fault) {
            return .wildcard(try WildcardText(text))
        } catch {
            report(node, key, error.message)
            return nil
        }
    }

    // MARK: - Anything but

    private mutating func anythingBut(_ node: YAMLNode, key: String) -> Condition? {
        if let members = node.members { return anythingBut(operators: members, node, key: key) }
        let elements = node.elements ?? [node]
        var excluded: [Condition] = []
        var (texts, numbers) = (0, 0)
        for element in elements {
            switch YAMLScalar(element) {
            case .text(let text):
                texts += 1
                excluded.append(.text(Array(text.utf8)))
            case .number(let text):
                numbers += 1
                excluded.append(comparable(text, element, key: key))
            case .literal, nil:
                report(element, key, "must be texts or numbers")
                return nil
            }
        }
        guard !elements.isEmpty, texts == 0 || numbers == 0 else {
            report(node, key, "must be texts only or numbers only, and at least one")
            return nil
        }
        return .anythingBut(excluded)
    }

    private mutating func anythingBut(operators members: [YAMLNode.Member], _ node: YAMLNode, key: String) -> Condition?
    {
        let allowed = ["prefix", "suffix", "wildcard", "equals-ignore-case"]
        guard members.count == 1, allowed.contains(members[0].key) else {
            report(
                node, key, "must be values, or one of \(allowed.joined(separator: ", "))",
                suggestion: members.first.flatMap { Suggestion.nearest(to: $0.key, among: allowed) })
            return nil
        }
        let key = "\(key).\(members[0].key)"
        let elements = members[0].value.elements ?? [members[0].value]
        var excluded: [Condition] = []
        for element in elements {
            guard let text = text(element, key: key) else { return nil }
            switch members[0].key {
            case "wildcard": wildcard(element, key: key).map { excluded.append($0) }
            case "equals-ignore-case": excluded.append(.foldedText(FoldedText(text)))
            case "prefix" where !text.isEmpty: excluded.append(.prefix(Array(text.utf8)))
            case "suffix" where !text.isEmpty: excluded.append(.suffix(Array(text.utf8)))
            default: report(element, key, "must not be empty")
            }
        }
        if elements.isEmpty { report(node, key, "must not be empty") }
        return .anythingBut(excluded)
    }

    // MARK: - Numbers

    private mutating func comparable(_ text: String, _ node: YAMLNode, key: String) -> Condition {
        let number = number(text)
        if case .number(nil, _) = number { report(node, key, "\(text) has more digits than can be compared") }
        return number
    }

    private mutating func numeric(_ node: YAMLNode, key: String) -> Condition? {
        guard let elements = node.elements, elements.count == 2 || elements.count == 4 else {
            report(node, key, #"must be like [">", 0] or [">", 0, "<=", 5]"#)
            return nil
        }
        var range = NumericRange()
        for start in stride(from: 0, to: elements.count, by: 2) {
            guard case .number(let text) = YAMLScalar(elements[start + 1]) else {
                report(elements[start + 1], key, "must have a number behind each operator")
                return nil
            }
            guard case .number(let value?, _) = comparable(text, elements[start + 1], key: key) else { return nil }
            let isOpen = start == 0
            switch elements[start].text {
            case "=" where elements.count == 2: return number(text)
            case ">" where isOpen: range.lower = .init(value: value, isIncluded: false)
            case ">=" where isOpen: range.lower = .init(value: value, isIncluded: true)
            case "<" where !isOpen || elements.count == 2: range.upper = .init(value: value, isIncluded: false)
            case "<=" where !isOpen || elements.count == 2: range.upper = .init(value: value, isIncluded: true)
            default:
                report(
                    elements[start], key,
                    "must have one of = > >= < <= before a number, and in a range > or >= first and < or <= second")
                return nil
            }
        }
        if let lower = range.lower, let upper = range.upper, lower.value >= upper.value {
            report(node, key, "must have a lower bound that is less than the upper one")
        }
        return .range(range)
    }
}
