/// Reads a directory of templates into a ``TemplateSet``, and keeps every fault it meets on the way.
struct TemplateLoader {
    /// The files of one channel in one language, by part.
    private struct Files {
        var locale: String?
        var sources: [String: TemplateSource] = [:]
    }

    private static let partialsFolder = "partials"

    private let directory: String
    private var faults: [TemplateFault] = []
    private var partials = PartialSet()
    private var templates: [String: [TemplateChannel: LocalizedTemplates]] = [:]

    static func load(_ directory: String) throws(TemplateError) -> [String: [TemplateChannel: LocalizedTemplates]] {
        var loader = TemplateLoader(directory: directory)
        let entries = try TemplateFolder.entries(of: directory)
        if entries.contains(where: { $0.name == partialsFolder && $0.isFolder }) { loader.loadPartials() }
        for entry in entries where entry.name != partialsFolder {
            if entry.isFolder {
                loader.loadTemplate(entry.name)
            } else if entry.name.hasSuffix(TemplateFileName.ending) {
                loader.report("\(directory)/\(entry.name)", "a template lies in the folder that gives it its name")
            }
        }
        guard loader.faults.isEmpty else { throw TemplateError(loader.faults) }
        return loader.templates
    }

    private init(directory: String) {
        self.directory = directory
    }

    /// What `body` gives, or nil and its faults kept.
    private mutating func keepingFaults<Value>(_ body: () throws(TemplateError) -> Value) -> Value? {
        do throws(TemplateError) {
            return try body()
        } catch {
            faults += error.faults
            return nil
        }
    }

    private mutating func report(_ file: String, _ message: String) {
        faults.append(TemplateFault(file: file, message))
    }
}

// MARK: - Partials

extension TemplateLoader {
    private mutating func loadPartials() {
        let folder = "\(directory)/\(Self.partialsFolder)"
        var sources: [String: TemplateSource] = [:]
        for entry in keepingFaults({ () throws(TemplateError) in try TemplateFolder.entries(of: folder) }) ?? [] {
            let file = "\(folder)/\(entry.name)"
            guard let stem = TemplateFileName.stem(of: entry.name), !entry.isFolder else {
                report(file, "a partial's name ends in \"\(TemplateFileName.ending)\"")
                continue
            }
            sources[stem] = keepingFaults { () throws(TemplateError) in try TemplateFolder.source(of: file) }
        }
        partials = PartialSet(sources)
        // What no template includes is checked too.
        for (stem, source) in sources {
            let words = stem.split(separator: ".").map(String.init)
            let part = words.dropFirst().last { word in
                TemplateChannel.allCases.contains { $0.parts.contains { $0.name == word } }
            }
            let seen = partials.seen(from: part, locale: words.dropFirst().first(where: TemplateFileName.isLocale))
            _ = keepingFaults { () throws(TemplateError) in
                try Template.compile(source, escaping: .none, partials: seen)
            }
        }
    }
}

// MARK: - Templates

extension TemplateLoader {
    private mutating func loadTemplate(_ name: String) {
        let folder = "\(directory)/\(name)"
        let entries = keepingFaults { () throws(TemplateError) in try TemplateFolder.entries(of: folder) } ?? []
        var files: [TemplateChannel: [Files]] = [:]
        for entry in entries {
            let file = "\(folder)/\(entry.name)"
            guard
                let place = keepingFaults({ () throws(TemplateError) in try TemplateFileName(entry.name, file: file) }),
                let source = keepingFaults({ () throws(TemplateError) in try TemplateFolder.source(of: file) })
            else { continue }
            var ofChannel = files[place.channel] ?? [Files(locale: nil)]
            let index = ofChannel.firstIndex { $0.locale == place.locale } ?? ofChannel.count
            if index == ofChannel.count { ofChannel.append(Files(locale: place.locale)) }
            ofChannel[index].sources[place.part.name] = source
            files[place.channel] = ofChannel
        }
        for (channel, ofChannel) in files {
            templates[name, default: [:]][channel] = compile(ofChannel, channel, folder)
        }
    }

    /// Compiles one channel's files; the first of `files` are those without a language.
    private mutating func compile(
        _ files: [Files], _ channel: TemplateChannel, _ folder: String
    ) -> LocalizedTemplates? {
        var variants: [LocalizedTemplates.Variant] = []
        for variant in files {
            checkCompleteness(variant, channel, folder, like: files[0])
            var compiled: [String: Template] = [:]
            for part in channel.parts {
                guard let source = variant.sources[part.name] else { continue }
                compiled[part.name] = compile(source, part, variant.locale)
            }
            guard let templates = ChannelTemplates(channel, compiled) else { continue }
            variants.append(LocalizedTemplates.Variant(locale: variant.locale, templates: templates))
        }
        guard let standard = variants.first, standard.locale == nil else { return nil }
        return LocalizedTemplates(standard: standard, localized: Array(variants.dropFirst()))
    }

    /// Every language needs the required parts, and the ones that the standard has.
    private mutating func checkCompleteness(
        _ files: Files, _ channel: TemplateChannel, _ folder: String, like standard: Files
    ) {
        for part in channel.parts where files.sources[part.name] == nil {
            guard part.isRequired || standard.sources[part.name] != nil else { continue }
            let name = [channel.rawValue, files.locale, part.name].compactMap { $0 }.joined(separator: ".")
            report("\(folder)/\(name)\(TemplateFileName.ending)", "this file is missing beside the channel's others")
        }
    }

    private mutating func compile(
        _ source: TemplateSource, _ part: TemplateChannel.Part, _ locale: String?
    ) -> Template? {
        var source = source
        if part.trimsEnd {
            let trimmed = source.text.utf8.reversed().drop { $0 == 0x0A || $0 == 0x0D }.reversed()
            source = TemplateSource(file: source.file, text: String(decoding: Array(trimmed), as: UTF8.self))
        }
        let seen = partials.seen(from: part.name, locale: locale)
        let template = keepingFaults { () throws(TemplateError) in
            try Template.compile(source, escaping: part.escaping, partials: seen, for: part.target)
        }
        if part.isOneLine, template?.hasLineFeed == true {
            report(source.file, "this part is one line, but its text goes over several")
        }
        if part.escaping == .slackJSON, template?.rendersArray == false {
            report(source.file, "this part does not render a JSON array")
        }
        return template
    }
}
