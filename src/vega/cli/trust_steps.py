"""How devices are told to trust a certificate, step by step, as their menus call it."""

TITLES = {
    "android": "Android",
    "iphone": "iPhone and iPad",
    "windows": "Windows",
    "macos": "macOS",
    "linux": "Linux",
    "firefox": "Firefox",
}

STEPS = {
    "android": (
        "  1. Open the link in Chrome; the file vega-ca.crt is downloaded.\n"
        "  2. Settings > Security and privacy > More > Encryption and credentials >\n"
        "     Install a certificate > CA certificate > Install anyway, and choose the file.\n"
        '     (The words differ; searching the settings for "CA certificate" finds it.)\n'
        "  Firefox there: Settings > About Firefox, tap the logo five times; then Settings >\n"
        "  Secret settings > Use third party CA certificates."
    ),
    "iphone": (
        "  1. Open the link in Safari, and allow the download of the profile.\n"
        "  2. Settings > Profile Downloaded > Install.\n"
        "  3. Settings > General > About > Certificate Trust Settings: switch it on.\n"
        "  Without the third step it is installed, and not trusted."
    ),
    "windows": (
        "  Download the file, then in its folder:\n    certutil -user -addstore Root vega-ca.crt"
    ),
    "macos": (
        "  Download the file, then in its folder:\n"
        "    security add-trusted-cert -r trustRoot -k ~/Library/Keychains/login.keychain-db \\\n"
        "      vega-ca.crt"
    ),
    "linux": (
        "  Programs, on Debian and Ubuntu (on Fedora: /etc/pki/ca-trust/source/anchors and\n"
        "  update-ca-trust):\n"
        "    sudo cp vega-ca.crt /usr/local/share/ca-certificates/ && sudo update-ca-certificates\n"
        "  Chromium and Chrome have a list of their own: Settings > Privacy and security >\n"
        "  Security > Manage certificates > Custom > Installed by you > Import."
    ),
    "firefox": (
        "  On Windows and macOS it trusts what the system trusts. Elsewhere:\n"
        "  Settings > Privacy & Security > View Certificates > Authorities > Import, and tick\n"
        '  "Trust this CA to identify websites".'
    ),
}
