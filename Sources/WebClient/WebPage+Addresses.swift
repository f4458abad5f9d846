extension WebPage {
    /// Every address of the page, which itself looks at which one it is. `scripts/preloads.mjs` takes them from `Web/kernel/pages.js`.
    static let addresses = [
        // addresses
        "/",
        "/welcome",
        "/login",
        "/register",
        "/reset-password",
        "/verify-email",
        "/oauth/callback",
        "/invite/{code}",
        "/templates/{code}",
        "/discovery",
        "/admin",
        "/admin/{section}",
        "/channels/{server}",
        "/channels/{server}/{channel}",
        "/channels/{server}/{channel}/{message}",
        // end of addresses
    ]
}
