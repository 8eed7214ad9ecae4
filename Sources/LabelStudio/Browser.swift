internal import Glibc

/// The browser of whoever sits at this machine.
enum Browser {
    /// Opens an address, if there is a desktop to open it on.
    static func open(_ address: String) {
        let environment = SettingValues.environment()
        guard environment["DISPLAY"] != nil || environment["WAYLAND_DISPLAY"] != nil,
            let opener = ChildProcess.find("xdg-open")
        else { return }
        _ = ChildProcess.spawn(opener, ["xdg-open", address])
    }
}
