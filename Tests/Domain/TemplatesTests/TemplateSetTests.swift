import Glibc
import Testing

@testable import Templates

@Suite struct TemplateSetTests {
    /// Writes files into a new folder, calls `body` with it and removes it.
    private func withFolder(_ files: [String: String], _ body: (String) throws -> Void) throws {
        var pattern = Array("/tmp/templates-XXXXXX".utf8CString)
        try #require(mkdtemp(&pattern) != nil)
        let folder = String(decoding: pattern.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        defer { remove(folder) }
        for (name, text) in files {
            for end in name.indices where name[end] == "/" { mkdir("\(folder)/\(name[..<end])", 0o700) }
            let file = try #require(fopen("\(folder)/\(name)", "w"))
            fputs(text, file)
            fclose(file)
        }
        try body(folder)
    }

    private func remove(_ folder: String) {
        for entry in (try? TemplateFolder.entries(of: folder)) ?? [] {
            if entry.isFolder { remove("\(folder)/\(entry.name)") } else { unlink("\(folder)/\(entry.name)") }
        }
        rmdir(folder)
    }

    private func faults(_ files: [String: String]) throws -> [String] {
        var texts: [String] = []
        try withFolder(files) { folder in
            let error = #expect(throws: TemplateError.self) { try TemplateSet.load(directory: folder) }
            texts = (error?.faults ?? []).map { $0.text.replacing(folder + "/", with: "") }
        }
        return texts
    }

    static let faulty = [
        "order/email.sujet.mustache": "",
        "order/emial.text.mustache": "",
        "order/email.french.text.mustache": "",
        "order/email.html": "",
        "order/email.mustache": "",
        "order/email.subject.mustache": "two\nlines\n",
        "order/email.text.mustache": "{{> foter}}",
        "order/email.fr.text.mustache": "{{#a}}",
        "order/slack.text.mustache": "x",
        "order/slack.blocks.mustache": "[{\"type\":\"divider\"},]",
        "partials/footer.mustache": "{{/x}}",
        "partials/README": "",
        "stray.mustache": "",
        "README.md": "not a template",
    ]
    static let expectedFaults = [
        #"order/email.fr.subject.mustache: this file is missing beside the channel's others"#,
        #"order/email.fr.text.mustache:1: the section "a" is not closed"#,
        #"order/email.french.text.mustache: "french" is no language tag such as fr or fr-CA"#,
        #"order/email.html: a template's name ends in ".mustache""#,
        #"order/email.mustache: a template's name is <channel>[.<locale>].<part>.mustache"#,
        #"order/email.subject.mustache: this part is one line, but its text goes over several"#,
        #"order/email.sujet.mustache: "sujet" is no part of email; there are subject, text, html"#
            + "; did you mean subject?",
        #"order/email.text.mustache:1: there is no partial "foter"; did you mean footer?"#,
        #"order/emial.text.mustache: "emial" is no channel with templates; there are email, sms, slack"#
            + "; did you mean email?",
        #"order/slack.blocks.mustache: this part does not render a JSON array"#,
        #"partials/README: a partial's name ends in ".mustache""#,
        #"partials/footer.mustache:1: "x" is closed, but no section is open"#,
        #"stray.mustache: a template lies in the folder that gives it its name"#,
    ]

    @Test func reportsEveryFaultOfEveryFile() throws {
        let found = try faults(Self.faulty)
        #expect(found == Self.expectedFaults)
    }

    @Test func reportsAFolderThatIsNotThere() {
        let error = #expect(throws: TemplateError.self) { try TemplateSet.load(directory: "/nowhere/templates") }
        #expect(error?.faults.map(\.text) == ["/nowhere/templates: cannot be read: No such file or directory"])
    }

    @Test func findsLanguagesAndTheirPartials() throws {
        let files = [
            "a/sms.text.mustache": "{{> who}} standard\r\n\n",
            "a/sms.fr.text.mustache": "{{> who}} fr",
            "a/sms.fr-CA.text.mustache": "{{> who}} fr-CA",
            "partials/who.mustache": "all", "partials/who.fr.mustache": "fr all",
            "partials/who.fr.text.mustache": "fr text",
        ]
        let expected = [
            ("", "all standard"), ("en", "all standard"), ("fr", "fr text fr"), ("FR-fr", "fr text fr"),
            ("fr_ca", "fr text fr-CA"), ("fr-CA-x", "fr text fr-CA"), ("f", "all standard"),
        ]
        try withFolder(files) { folder in
            let set = try TemplateSet.load(directory: folder)
            #expect(set.names == ["a"])
            #expect(set.templates(name: "a", channel: .email) == nil)
            let templates = try #require(set.templates(name: "a", channel: .sms))
            for (locale, text) in expected {
                let variant = Array(locale.utf8).withUnsafeBytes { templates.variant(for: $0) }
                guard case .sms(let template) = variant.templates else { continue }
                #expect(try render(template, data: "{}") == text)
            }
        }
    }

    @Test func needsTheStandardLanguage() throws {
        #expect(
            try faults(["a/sms.fr.text.mustache": "x"]) == [
                "a/sms.text.mustache: this file is missing beside the channel's others"
            ])
    }
}
