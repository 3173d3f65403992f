//! The built page on 127.0.0.1: plain files with the right types, nothing a static host would not do as well.

use crate::{Outcome, build};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

const DEFAULT_PORT: u16 = 8080;
/// A request is a line and a few headers; more is not from a browser.
const MAX_REQUEST: u64 = 64 * 1024;
const PATIENCE: Duration = Duration::from_secs(20);

/// `cargo xtask serve`
pub(crate) fn task(arguments: &[String]) -> Outcome<ExitCode> {
    let options = Options::parse(arguments)?;
    // Before the build, so that a taken port is said at once.
    let listener = TcpListener::bind(("127.0.0.1", options.port)).map_err(|e| {
        format!("port {} cannot be used ({e}); choose another: `cargo xtask serve --port 8081`", options.port)
    })?;
    let folder = if options.build { build::page()? } else { build::last()? };
    let site = Site::new(&folder, &options.base)?;
    let address = listener.local_addr().map_err(|e| format!("the port is not known: {e}"))?;
    println!("serving http://{address}{}", site.base);
    answer_all(&listener, site);
    Ok(ExitCode::SUCCESS)
}

struct Options {
    port: u16,
    base: String,
    build: bool,
}

impl Options {
    fn parse(arguments: &[String]) -> Outcome<Options> {
        use lexopt::prelude::*;
        let mut options = Options { port: DEFAULT_PORT, base: "/".to_string(), build: true };
        let mut parser = lexopt::Parser::from_args(arguments);
        while let Some(argument) = parser.next().map_err(|e| e.to_string())? {
            match argument {
                Long("port") => {
                    options.port = parser.value().and_then(|v| v.parse()).map_err(|e| format!("--port: {e}"))?;
                }
                Long("base") => {
                    options.base = parser.value().and_then(ValueExt::string).map_err(|e| format!("--base: {e}"))?;
                }
                Long("no-build") => options.build = false,
                other => return Err(format!("`serve`: {}", other.unexpected())),
            }
        }
        if !(options.base.starts_with('/') && options.base.ends_with('/')) {
            return Err("--base starts and ends with `/`, as in `/some/path/`".to_string());
        }
        Ok(options)
    }
}

/// A folder under a path of its own, as on a host that serves many.
struct Site {
    root: PathBuf,
    base: String,
}

#[derive(Debug, PartialEq)]
enum Answer {
    File(PathBuf),
    /// A folder without its final slash: relative links would miss.
    MovedTo(String),
    Missing,
    Refused,
}

impl Site {
    fn new(folder: &Path, base: &str) -> Outcome<Site> {
        let root = folder.canonicalize().map_err(|e| format!("{} cannot be served: {e}", folder.display()))?;
        Ok(Site { root, base: base.to_string() })
    }

    /// What the path part of a request means.
    fn find(&self, target: &str) -> Answer {
        let path = target.split(['?', '#']).next().unwrap_or_default();
        if path.len() + 1 == self.base.len() && self.base.starts_with(path) {
            return Answer::MovedTo(self.base.clone());
        }
        let Some(inside) = path.strip_prefix(self.base.as_str()) else {
            return Answer::Missing;
        };
        let Some(decoded) = percent_decoded(inside) else {
            return Answer::Refused;
        };
        let mut file = self.root.clone();
        for part in decoded.split('/').filter(|part| !part.is_empty()) {
            if part == ".." || part == "." || part.contains(['\\', ':', '\0']) {
                return Answer::Refused;
            }
            file.push(part);
        }
        // Resolves links, so that one leading out of the folder is seen.
        let Ok(file) = file.canonicalize() else {
            return Answer::Missing;
        };
        if !file.starts_with(&self.root) {
            return Answer::Refused;
        }
        if !file.is_dir() {
            return Answer::File(file);
        }
        if !path.ends_with('/') {
            return Answer::MovedTo(format!("{path}/"));
        }
        let index = file.join("index.html");
        if index.is_file() { Answer::File(index) } else { Answer::Missing }
    }
}

/// `None` for a broken escape or bytes that are not UTF-8.
fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digits = [rest.next()?, rest.next()?];
        if !digits.iter().all(u8::is_ascii_hexdigit) {
            return None;
        }
        let digits = std::str::from_utf8(&digits).ok()?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
    }
    String::from_utf8(bytes).ok()
}

/// A browser compiles wasm while it loads, and runs modules at all, only under these types.
fn content_type(file: &Path) -> &'static str {
    match file.extension().and_then(|e| e.to_str()).unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "wasm" => "application/wasm",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" | "md" | "ts" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// One thread per connection; a browser opens six.
fn answer_all(listener: &TcpListener, site: Site) {
    let site = Arc::new(site);
    for stream in listener.incoming().flatten() {
        let site = Arc::clone(&site);
        // A connection that breaks is the visitor's affair.
        thread::spawn(move || answer(&stream, &site).ok());
    }
}

fn answer(stream: &TcpStream, site: &Site) -> std::io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut reader = BufReader::new(stream.take(MAX_REQUEST));
    let mut request = String::new();
    reader.read_line(&mut request)?;
    // The headers say nothing we act on, but closing before they are read would reset the connection.
    let mut header = String::new();
    while reader.read_line(&mut header)? > 0 && !header.trim().is_empty() {
        header.clear();
    }
    let mut words = request.split_whitespace();
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    if !matches!(method, "GET" | "HEAD") {
        return send(stream, "405 Method Not Allowed", "Allow: GET, HEAD\r\n", b"only GET and HEAD\n", true);
    }
    let with_body = method == "GET";
    match site.find(target) {
        Answer::File(file) => {
            let bytes = std::fs::read(&file)?;
            let headers = format!("Content-Type: {}\r\n", content_type(&file));
            send(stream, "200 OK", &headers, &bytes, with_body)
        }
        Answer::MovedTo(place) => {
            send(stream, "301 Moved Permanently", &format!("Location: {place}\r\n"), b"", with_body)
        }
        Answer::Missing => send(stream, "404 Not Found", "", b"no such file\n", with_body),
        Answer::Refused => send(stream, "403 Forbidden", "", b"refused\n", with_body),
    }
}

fn send(mut stream: &TcpStream, status: &str, headers: &str, body: &[u8], with_body: bool) -> std::io::Result<()> {
    let head = format!(
        "HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\nCache-Control: no-cache\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes())?;
    if with_body {
        stream.write_all(body)?;
    }
    stream.flush()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// A folder that is removed when the test ends.
    struct Folder(PathBuf);

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    fn folder() -> Folder {
        static MADE: AtomicUsize = AtomicUsize::new(0);
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("twinspect-serve-{}-{number}", std::process::id()));
        std::fs::create_dir_all(path.join("src")).unwrap();
        std::fs::write(path.join("index.html"), "<p>hello").unwrap();
        std::fs::write(path.join("src/a b.js"), "1").unwrap();
        std::fs::write(path.join("engine.wasm"), "\0asm").unwrap();
        Folder(path)
    }

    fn get(request: &str) -> String {
        let folder = folder();
        let site = Site::new(&folder.0, "/sub/").unwrap();
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || answer_all(&listener, site));
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn serves_a_folder_by_its_index() {
        let text = get("GET /sub/ HTTP/1.1\r\nHost: x\r\n\r\n");
        assert!(text.starts_with("HTTP/1.1 200 OK\r\n"), "{text}");
        assert!(text.contains("Content-Type: text/html; charset=utf-8\r\n"), "{text}");
        assert!(text.ends_with("\r\n\r\n<p>hello"), "{text}");
    }

    #[test]
    fn serves_wasm_under_its_type() {
        let text = get("GET /sub/engine.wasm?v=1 HTTP/1.1\r\n\r\n");
        assert!(text.contains("Content-Type: application/wasm\r\n"), "{text}");
    }

    #[test]
    fn answers_head_without_a_body() {
        let text = get("HEAD /sub/index.html HTTP/1.1\r\n\r\n");
        assert!(text.contains("Content-Length: 8\r\n") && text.ends_with("\r\n\r\n"), "{text}");
    }

    #[test]
    fn refuses_other_methods() {
        assert!(get("POST /sub/ HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 405 "));
    }

    #[test]
    fn stays_inside_its_folder_and_base() {
        let folder = folder();
        let site = Site::new(&folder.0, "/sub/").unwrap();
        let root = folder.0.canonicalize().unwrap();
        for (target, expected) in [
            ("/sub/src/a%20b.js", Answer::File(root.join("src/a b.js"))),
            ("/sub", Answer::MovedTo("/sub/".to_string())),
            ("/sub/src", Answer::MovedTo("/sub/src/".to_string())),
            ("/sub/src/", Answer::Missing),
            ("/", Answer::Missing),
            ("/index.html", Answer::Missing),
            ("/sub/../../etc/passwd", Answer::Refused),
            ("/sub/%2e%2e/%2e%2e/etc/passwd", Answer::Refused),
            ("/sub/..%5c..%5cboot.ini", Answer::Refused),
            ("/sub/C:/boot.ini", Answer::Refused),
            ("/sub/%ff", Answer::Refused),
            ("/sub/%+1", Answer::Refused),
            ("/sub/a%0", Answer::Refused),
            ("", Answer::Missing),
        ] {
            assert_eq!(site.find(target), expected, "{target}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn refuses_a_link_that_leads_out() {
        let folder = folder();
        std::os::unix::fs::symlink("/etc", folder.0.join("out")).unwrap();
        let site = Site::new(&folder.0, "/").unwrap();
        assert_eq!(site.find("/out/passwd"), Answer::Refused);
    }

    #[test]
    fn a_base_needs_both_slashes() {
        let arguments = |base: &str| ["--base".to_string(), base.to_string()];
        assert!(Options::parse(&arguments("/x/")).is_ok());
        assert!(Options::parse(&arguments("x")).is_err());
    }
}
