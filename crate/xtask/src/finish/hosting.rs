//! Settings for hosts, all from the policy that the page itself states: headers say it earlier, and can say what a
//! document cannot (who may frame the page).

/// Every header, by name.
fn list(policy: &str) -> [(&'static str, String); 4] {
    [
        ("Content-Security-Policy", format!("{policy}; frame-ancestors 'none'")),
        ("X-Content-Type-Options", "nosniff".to_string()),
        ("Referrer-Policy", "no-referrer".to_string()),
        ("Cross-Origin-Opener-Policy", "same-origin".to_string()),
    ]
}

/// For hosts that read a file `_headers`.
pub(super) fn headers(policy: &str) -> String {
    let lines = list(policy).map(|(name, value)| format!("  {name}: {value}\n")).concat();
    format!("/*\n{lines}  Cache-Control: no-cache\n")
}

/// For nginx, inside a `server` or `location`.
pub(super) fn nginx(policy: &str) -> String {
    let lines = list(policy).map(|(name, value)| format!("add_header {name} \"{value}\" always;\n")).concat();
    format!(
        "# Inside the location that serves the page. nginx's own types know .wasm since 1.21 but not .webmanifest.\n\
         {lines}add_header Cache-Control \"no-cache\" always;\n\
         types {{\n  text/html html;\n  text/css css;\n  text/javascript js;\n  application/wasm wasm;\n  \
         application/manifest+json webmanifest;\n  image/svg+xml svg;\n  image/png png;\n  application/zip zip;\n}}\n\
         gzip_static on;\ngzip on;\ngzip_types text/css text/javascript application/wasm;\n"
    )
}

/// For Apache: as .htaccess, or inside a `<Directory>`.
pub(super) fn apache(policy: &str) -> String {
    let lines = list(policy).map(|(name, value)| format!("Header always set {name} \"{value}\"\n")).concat();
    format!(
        "# As .htaccess beside index.html, or inside the <Directory>; needs mod_headers.\n\
         {lines}Header always set Cache-Control \"no-cache\"\n\
         AddType application/wasm .wasm\nAddType application/manifest+json .webmanifest\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_host_gets_the_policy_and_who_may_frame_the_page() {
        for text in [headers("default-src 'none'"), nginx("default-src 'none'"), apache("default-src 'none'")] {
            assert!(text.contains("default-src 'none'; frame-ancestors 'none'"), "{text}");
            assert!(text.contains("nosniff"), "{text}");
        }
    }
}
