package import Settings

extension KafkaSettings {
    /// Tries the clients that a process makes, and notes what librdkafka objects to: properties that do not go together,
    /// mechanisms it does not have, files that hold something else. Each fault is noted at the property it is about, or
    /// else at the section. Connects to nothing. Where reading has found faults there is nothing to try yet.
    ///
    /// - Parameters:
    ///   - section: the one that these settings were read from.
    ///   - roles: the clients that are made with a connection; one of each kind is enough.
    package func check(_ section: SettingsReader, _ roles: (KafkaSettings) -> [ClientRole]) {
        guard !hasFaults else { return }
        var usable = self
        var seen: Set<String> = []
        for index in roles(self).indices {
            func objection(_ kafka: KafkaSettings) -> String? { roles(kafka)[index].objection }
            // Without what was objected to there may be another one, which is to be named as well.
            while let text = objection(usable), seen.insert(text).inserted {
                let culprit = usable.culprit(of: text, section, objection)
                section.report(culprit ?? "", withoutSecrets(text, section))
                usable.properties.removeAll { $0.name == culprit }
            }
        }
    }

    /// The property that an objection is about, as far as it can be told.
    private func culprit(
        of text: String, _ section: SettingsReader, _ objection: (KafkaSettings) -> String?
    ) -> String? {
        let own = securityProperties.map(\.name)
        let named = (own.filter { section.isSet($0) } + properties.map(\.name)).filter { text.contains($0) }
        if let name = named.max(by: { $0.utf8.count < $1.utf8.count }) { return name }
        // Which librdkafka calls by its value only.
        if let mechanism = security.mechanism, text.contains(mechanism) { return "sasl.mechanism" }
        // It may have been set by another name.
        let replaceable = properties.map(\.name).first { name in
            var others = self
            others.properties.removeAll { $0.name == name }
            return objection(others) != text
        }
        // What is missing.
        return replaceable ?? own.first { text.contains($0) }
    }

    /// librdkafka is not known to quote secrets. Shorter ones could not be told from the words around them.
    private func withoutSecrets(_ text: String, _ section: SettingsReader) -> String {
        let own = securityProperties.compactMap { property in property.value.map { (name: property.name, value: $0) } }
        var text = text
        for (name, value) in own + properties where section.isSecret(name) && value.utf8.count > 3 {
            text = text.replacing(value, with: Secret.mask)
        }
        return text
    }
}
