//! Hosts that code in B names and nothing in A does.

use memchr::memmem;

use super::{Change, Info, Noticed, code, has, quoted};

pub(super) const HOST: Info = Info {
    id: "new-host",
    title: "New host",
    about: "Nothing in A names it. What is fetched from there, or sent there, is in neither artifact.",
};

/// Hosts that are asked about in A at most.
const MOST: usize = 200;

pub(super) fn collect(noticed: &mut Noticed<'_>, change: &Change<'_>, fresh: &[&[u8]]) {
    // Prose and licences link to the whole world.
    let extension = change.extension();
    if code::is_prose(&extension) || (extension.is_empty() && !change.after.starts_with(b"#!")) {
        return;
    }
    for host in fresh.iter().flat_map(|line| of(line)) {
        if noticed.hosts.len() < MOST && !change.had(host) {
            noticed.hosts.entry(host.to_ascii_lowercase()).or_insert(change.at);
        }
    }
}

pub(super) fn check(noticed: &mut Noticed<'_>) {
    let mut hosts = std::mem::take(&mut noticed.hosts);
    if hosts.is_empty() {
        return;
    }
    let left = noticed.sides.left;
    let whole = noticed.search(left, &mut |_, content| {
        let content = content.to_ascii_lowercase();
        hosts.retain(|host, _| !has(&content, host));
        !hosts.is_empty()
    });
    let doubt = if whole { "" } else { ", as far as A was searched" };
    for (host, at) in hosts {
        noticed.notice(HOST, at, format_args!("{}{doubt}", quoted(&host)));
    }
}

/// The hosts of addresses in a line, and quoted IPv4 addresses.
fn of(line: &[u8]) -> Vec<&[u8]> {
    let mut found = Vec::new();
    for at in memmem::find_iter(line, b"://") {
        let start = at + 3;
        let scheme: &[&[u8]] = &[b"http", b"https", b"ws", b"wss", b"ftp", b"tcp", b"git", b"ssh"];
        let before = line.get(..at).unwrap_or_default();
        if !scheme.iter().any(|scheme| before.ends_with(scheme)) {
            continue;
        }
        let rest = line.get(start..).unwrap_or_default();
        let authority = rest.split(|byte| matches!(byte, b'/' | b'?' | b'#' | b'"' | b'\'' | b'`' | b' ')).next();
        let host = authority.and_then(|authority| authority.rsplit(|byte| *byte == b'@').next()).unwrap_or_default();
        let host = host.split(|byte| *byte == b':').next().unwrap_or_default();
        let letters =
            host.iter().take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-')).count();
        let host = host.get(..letters).unwrap_or_default();
        if host.contains(&b'.') && host.len() < 254 && !is_own(host) {
            found.push(host);
        }
    }
    for part in line.split(|byte| matches!(byte, b'"' | b'\'' | b'`')).skip(1).step_by(2) {
        if is_address(part) && !is_own(part) {
            found.push(part);
        }
    }
    found
}

fn is_address(text: &[u8]) -> bool {
    let parts: Vec<&[u8]> = text.split(|byte| *byte == b'.').collect();
    parts.len() == 4
        && parts.iter().all(|part| {
            std::str::from_utf8(part).is_ok_and(|digits| !digits.starts_with('+') && digits.parse::<u8>().is_ok())
        })
}

/// This machine, and names kept for examples (RFC 2606, RFC 6761).
fn is_own(host: &[u8]) -> bool {
    let ends: [&[u8]; 8] =
        [b"localhost", b".local", b".test", b".invalid", b".example", b"example.com", b"example.org", b"example.net"];
    host.starts_with(b"127.")
        || matches!(host, b"0.0.0.0" | b"255.255.255.255")
        || ends.iter().any(|end| host.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_what_addresses_name() {
        let check = |line: &str, hosts: &[&str]| {
            let found = of(line.as_bytes());
            let found: Vec<_> = found.iter().map(|host| std::str::from_utf8(host).unwrap()).collect();
            assert_eq!(found, hosts, "{line}");
        };
        check("fetch('https://sol-rpc.xyz/x?y')", &["sol-rpc.xyz"]);
        check("wss://u:p@a.b-c.io:8443 and http://d.e", &["a.b-c.io", "d.e"]);
        check("connect(\"185.62.190.89\", 80)", &["185.62.190.89"]);
        check("version = \"1.2.3\"; v = \"1.2.3.400\"", &[]);
        check("http://localhost:80 http://127.0.0.1/ https://www.example.com", &[]);
        check("std://x.y chrome://a.b", &[]);
        check("https:// https://nodot/", &[]);
    }
}
