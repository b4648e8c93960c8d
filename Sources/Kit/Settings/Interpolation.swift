/// Puts environment variables into the scalars of a YAML file, after it was parsed.
package enum Interpolation {
    /// Why a text cannot be expanded, for people.
    package struct Fault: Error, Sendable, Equatable {
        package let message: String
    }

    /// Replaces each `${NAME}` by the variable, else by the content of the file `NAME_FILE` names. What was put in is
    /// not looked at again.
    /// - Throws: when a variable is missing or `${` does not begin a name.
    package static func expand(_ text: String, environment: [String: String]) throws(Fault) -> String {
        try expanded(text, environment: environment).text
    }

    /// The text, and whether a variable put into it holds a secret by its name or comes from a file.
    static func expanded(
        _ text: String, environment: [String: String]
    ) throws(Fault) -> (text: String, isSecret: Bool) {
        var result = ""
        var isSecret = false
        var rest = Substring(text)
        while let start = rest.firstRange(of: "${") {
            result += rest[..<start.lowerBound]
            rest = rest[start.upperBound...]
            guard let end = rest.firstIndex(of: "}"), isName(rest[..<end]) else {
                throw Fault(message: "\"${\" must begin a variable's name and \"}\" must end it")
            }
            let found = try find(String(rest[..<end]), in: environment)
            result += found.text
            isSecret = isSecret || found.isFile || SecretName.matches(found.name)
            rest = rest[rest.index(after: end)...]
        }
        return (result + rest, isSecret)
    }

    private static func find(_ name: String, in environment: [String: String]) throws(Fault) -> Environment.Found {
        do {
            if let found = try Environment.find(name, in: environment) { return found }
        } catch {
            throw Fault(message: "\(error.name): \(error.message)")
        }
        throw Fault(message: "the variable \(name) is not set; set \(name) or \(name)_FILE in the environment")
    }

    private static func isName(_ text: Substring) -> Bool {
        guard let first = text.utf8.first, first < UInt8(ascii: "0") || first > UInt8(ascii: "9") else { return false }
        return text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
    }
}
