/// The configuration cannot be used; carries every fault that was found, in the order to show them.
package struct SettingsError: Error, Equatable {
    package var faults: [SettingsFault]

    package init(faults: [SettingsFault]) {
        self.faults = faults
    }
}
