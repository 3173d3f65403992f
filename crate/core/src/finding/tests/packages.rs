//! Cases of packages.

use super::build::{Entry, Tar, ar, deb, entry, gzip, zip};
use super::{Case, File, case};
use crate::display;

fn tgz(name: &'static str, tar: Tar) -> File {
    (name, gzip(&tar.end()))
}

pub(super) fn cases() -> Vec<Case> {
    [debian(), wheels(), sdists(), npm(), crates(), jars(), gems()].into_iter().flatten().collect()
}

fn debian() -> Vec<Case> {
    let part = gzip(&Tar::default().file("./control", b"Package: a\n").end());
    let data = gzip(&Tar::default().file("./a", b"").end());
    let package =
        |members: &[(&str, &[u8])]| ("a.deb", ar(&[&[("debian-binary", b"2.0\n".as_slice())], members].concat()));
    let (control, files) = (("control.tar.gz", part.as_slice()), ("data.tar.gz", data.as_slice()));
    let usual = || package(&[control, files]);
    let md5 = "5d41402abc4b2a76b9719d911017c592";
    let summed = |sum: &str, path: &str| {
        ("a.deb", deb("Package: a\n", &format!("{sum}  {path}\n"), Tar::default().file("./a", b"hello")))
    };
    let named = |control: &str| ("a_1.0_all.deb", deb(control, "", Tar::default()));
    let installs = |flag: u8| ("a.deb", deb("Package: a\n", "", Tar::default().header("./a", flag, 0, &[])));
    vec![
        case("DEB-01", package(&[control, files, files]), usual()),
        case("DEB-02", package(&[files, control]), usual()),
        case("DEB-03", package(&[control, files, ("extra", b"")]), usual()),
        case("DEB-04", ("a.deb", ar(&[("debian-binary", b"2.1\n"), control, files])), usual()),
        case(
            "DEB-05",
            package(&[("#1/14", &[b"control.tar.gz", part.as_slice()].concat()), files]),
            package(&[("control.tar.gz/", &part), files]),
        ),
        case("DEB-06", package(&[control, ("data.tar.xz", &data)]), usual()),
        case("DEB-07", summed(&md5.replace('5', "6"), "a"), summed(md5, "a")),
        case("DEB-07", summed(md5, "b"), summed(md5, "a")),
        case("DEB-08", ("a.deb", [usual().1, vec![b'!'; 70]].concat()), usual()),
        case("DEB-09", named("Package: b\nVersion: 1.0\n"), named("Package: a\nVersion: 1:1.0\nArchitecture: all\n")),
        case("DEB-09", named("Package: a\nPackage: a\n"), named("Package: a\nDescription: x\n Package: b\n")),
        case("DEB-10", installs(b'3'), installs(b'0')),
    ]
}

/// A wheel of one module with these further entries; RECORD lists what `record` says, and itself.
fn wheel(metadata: &str, record: &str, more: &[Entry]) -> File {
    let record = format!("{record}a-1.0.dist-info/RECORD,,\n");
    let metadata = format!("Metadata-Version: 2.1\n{metadata}");
    let usual = [
        entry("a.py", "hello"),
        entry("a-1.0.dist-info/METADATA", metadata),
        entry("a-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\n"),
        entry("a-1.0.dist-info/RECORD", record),
    ];
    ("a-1.0-py3-none-any.whl", zip(&[usual.as_slice(), more].concat()))
}

/// A line of RECORD with the right digest.
fn line(path: &str, content: &str) -> String {
    use sha2::{Digest as _, Sha256};
    let digest = crate::base64::encode_for_names(&Sha256::digest(content.as_bytes()));
    format!("{path},sha256={digest},{}\n", content.len())
}

fn wheels() -> Vec<Case> {
    const ABOUT: &str = "Name: a\nVersion: 1.0\n";
    let metadata = |about: &str| line("a-1.0.dist-info/METADATA", &format!("Metadata-Version: 2.1\n{about}"));
    let rest = metadata(ABOUT) + &line("a-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\n");
    let good = line("a.py", "hello") + &rest;
    let usual = || wheel(ABOUT, &good, &[]);
    let recorded = |record: String| wheel(ABOUT, &(record + &rest), &[]);
    let about = |text: &str| {
        wheel(
            text,
            &(line("a.py", "hello") + &metadata(text) + &line("a-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\n")),
            &[],
        )
    };
    let with =
        |path: &str, content: &str| wheel(ABOUT, &(good.clone() + &line(path, content)), &[entry(path, content)]);
    vec![
        case("WHEEL-01", recorded(line("a.py", "hello") + &line("b.py", "")), usual()),
        case("WHEEL-02", wheel(ABOUT, &good, &[entry("b.py", "")]), with("b.py", "")),
        case("WHEEL-03", recorded(line("a.py", "other")), usual()),
        case("WHEEL-03", recorded("a.py,,5\n".into()), usual()),
        case("WHEEL-04", with("b-1.0.dist-info/METADATA", ""), with("b/dist-info/METADATA", "")),
        case("WHEEL-05", recorded(line("a.py", "hello") + &line("a.py", "hello")), usual()),
        case("WHEEL-05", recorded(line("a.py", "hello") + "../b,,\n"), usual()),
        case("WHEEL-06", about("Name: a\nVersion: 1.0\nName: b\n"), about("Name: A\nVersion: 1.0\n\nName: b\n")),
        case("WHEEL-07", with("b.pth", "import os; os.system('x')\n"), with("b.txt", "import os\n")),
        case("WHEEL-07", with("b.pyc", ""), with("a.pyc", "")),
        case("WHEEL-08", ("a-1.0-py3-none-any.whl", zip(&[entry("a.py", "")])), usual()),
    ]
}

fn sdists() -> Vec<Case> {
    let about = |version: &str| format!("Metadata-Version: 2.1\nName: a\nVersion: {version}\n");
    let sdist = |more: Tar| ("a-1.0.tar.gz", gzip(&more.end()));
    let base = || Tar::default().file("a-1.0/PKG-INFO", about("1.0").as_bytes());
    let egg = |version: &str| sdist(base().file("a-1.0/a.egg-info/PKG-INFO", about(version).as_bytes()));
    vec![
        case("SDIST-01", sdist(base().file("b/c", b"")), sdist(base().file("a-1.0/b/c", b""))),
        case("SDIST-02", egg("1.1"), egg("1.0")),
    ]
}

fn npm() -> Vec<Case> {
    let package = |manifest: &str, more: Tar| -> File {
        let tar = Tar::default().file("package/package.json", manifest.as_bytes()).raw(&more.cut());
        ("a-1.0.0.tgz", gzip(&tar.end()))
    };
    const MANIFEST: &str = r#"{"name": "a", "version": "1.0.0"}"#;
    let tar = Tar::default;
    let with = |more: Tar| package(MANIFEST, more);
    let of = |manifest: &str| package(manifest, Tar::default());
    let scripts = |scripts: &str| of(&format!(r#"{{"name": "a", "version": "1.0.0", "scripts": {{{scripts}}}}}"#));
    let wrapped = |url: &str| {
        let text = format!(r#"{{"dependencies": {{"b": {{"resolved": "{url}"}}}}}}"#);
        with(tar().file("package/npm-shrinkwrap.json", text.as_bytes()))
    };
    vec![
        case(
            "NPM-01",
            with(tar().file("package/i.js", b"1").file("x/i.js", b"2")),
            with(tar().file("package/i.js", b"1").file("x/j.js", b"2")),
        ),
        case("NPM-02", with(tar().file("x/package.json", b"{}")), with(tar().file("package/x/package.json", b"{}"))),
        case("NPM-03", of(r#"{"name": "b", "version": "1.0.0"}"#), of(r#"{"name": "@s/a", "version": "1.0.0"}"#)),
        case(
            "NPM-04",
            of(r#"{"name": "a", "version": "1.0.0", "name": "a"}"#),
            of(r#"{"name": "a", "version": "1.0.0", "x": {"name": "b"}}"#),
        ),
        case("NPM-05", scripts(r#""postinstall": "node x""#), scripts(r#""test": "node x""#)),
        case("NPM-06", with(tar().link("package/x", b'2', "package.json")), with(tar().file("package/x", b""))),
        case(
            "NPM-07",
            wrapped("https://example.com/b.tgz"),
            wrapped(concat!("https://registry.", "npmjs", ".org/b/-/b-1.0.0.tgz")),
        ),
        case("NPM-08", with(tar().file("package/.npmrc", b"")), with(tar().file("package/.npmignore", b""))),
    ]
}

fn crates() -> Vec<Case> {
    const TOML: &str = "[package]\nname = \"a\"\nversion = \"1.0.0\"\n";
    const VCS: &str = r#"{"git": {"sha1": "0"}}"#;
    let package = |toml: &str, original: &str, vcs: &str, more: Tar| {
        let tar = Tar::default()
            .file("a-1.0.0/Cargo.toml", toml.as_bytes())
            .file("a-1.0.0/Cargo.toml.orig", original.as_bytes())
            .file("a-1.0.0/.cargo_vcs_info.json", vcs.as_bytes());
        tgz("a-1.0.0.crate", tar.raw(&more.cut()))
    };
    let tar = Tar::default;
    let with = |more: Tar| package(TOML, TOML, VCS, more);
    let depends = |original: &str| {
        package(&format!("{TOML}[dependencies.serde]\nversion = \"1\"\n"), &format!("{TOML}{original}"), VCS, tar())
    };
    let locked = |version: &str| {
        with(
            tar()
                .file("a-1.0.0/Cargo.lock", format!("[[package]]\nname = \"a\"\nversion = \"{version}\"\n").as_bytes()),
        )
    };
    vec![
        case("CRATE-01", depends(""), depends("[dependencies]\nserde = \"1\"\n")),
        case(
            "CRATE-01",
            package(TOML, &TOML.replace("1.0.0", "1.0.1"), VCS, tar()),
            package(TOML, "[package]\nname = \"a\"\nversion = { workspace = true }\n", VCS, tar()),
        ),
        case("CRATE-02", package(TOML, TOML, r#"{"git": {"dirty": true}}"#, tar()), with(tar())),
        case("CRATE-03", with(tar().file("b/c", b"")), with(tar().file("a-1.0.0/c", b""))),
        case("CRATE-04", with(tar().file("a-1.0.0/build.rs", b"")), with(tar().file("a-1.0.0/src/build.rs", b""))),
        case("CRATE-05", locked("1.0.1"), locked("1.0.0")),
        case("CRATE-06", with(tar().file("a-1.0.0/cargo.toml", b"")), with(tar().file("a-1.0.0/x/cargo.toml", b""))),
    ]
}

fn jars() -> Vec<Case> {
    let jar = |manifest: &str, more: &[Entry]| {
        let manifest = entry("META-INF/MANIFEST.MF", format!("Manifest-Version: 1.0\n{manifest}"));
        ("a.jar", zip(&[&[manifest], more].concat()))
    };
    let signature = || entry("META-INF/A.SF", "");
    let digest = |content: &str| {
        let line = line("", content);
        line.split(['=', ',']).nth(2).unwrap_or_default().replace('-', "+").replace('_', "/") + "="
    };
    let signed = |content: &str, more: &[Entry]| {
        let section = format!("\nName: a.class\nSHA-256-Digest: {}\n", digest(content));
        jar(&section, &[&[signature(), entry("a.class", "hello")], more].concat())
    };
    vec![
        case("JAR-01", jar("", &[entry("meta-inf/manifest.mf", "")]), jar("", &[entry("META-INF/x", "")])),
        case("JAR-01", signed("other", &[]), signed("hello", &[])),
        case(
            "JAR-02",
            jar("", &[entry("a.class", "1"), entry("a.class", "2")]),
            jar("", &[entry("a.class", "1"), entry("b.class", "2")]),
        ),
        case("JAR-03", jar("", &[entry("META-INF/versions/9/a.class", "")]), jar("", &[entry("META-INF/a.class", "")])),
        case("JAR-04", signed("hello", &[entry("b.class", "")]), signed("hello", &[entry("META-INF/A.RSA", "")])),
        case("JAR-05", jar("", &[entry("lib/b.jar", "")]), jar("", &[entry("lib/b.jar.txt", "")])),
        case("JAR-06", jar("Premain-Class: a\n", &[]), jar("Main-Class: a\n", &[])),
    ]
}

fn gems() -> Vec<Case> {
    use sha2::{Digest as _, Sha256};
    let gem = |specification: &str, data: &[u8], sum: Option<&str>, more: Tar| -> File {
        let data = gzip(data);
        let sum = sum.map_or_else(|| display::hex(&Sha256::digest(&data)), str::to_owned);
        let sums = gzip(format!("---\nSHA256:\n  data.tar.gz: {sum}\n").as_bytes());
        let tar = Tar::default().file("metadata.gz", &gzip(specification.as_bytes())).file("data.tar.gz", &data);
        ("a-1.0.gem", tar.file("checksums.yaml.gz", &sums).raw(&more.cut()).end())
    };
    let tar = Tar::default;
    let files = tar().file("a.rb", b"").end();
    const SPECIFICATION: &str = "--- !ruby/object:Gem::Specification\nname: a\nversion: !ruby/object:Gem::Version\n  version: '1.0'\nfiles:\n- a.rb\n";
    let usual = || gem(SPECIFICATION, &files, None, tar());
    vec![
        case("GEM-01", gem(SPECIFICATION, &files, Some(&"0".repeat(64)), tar()), usual()),
        case("GEM-02", gem(SPECIFICATION, &files, None, tar().file("metadata", b"")), usual()),
        case(
            "GEM-03",
            gem(SPECIFICATION, &files, None, tar().file("x", b"")),
            gem(SPECIFICATION, &files, None, tar().file("data.tar.gz.sig", b"")),
        ),
        case("GEM-04", gem(&format!("{SPECIFICATION}x: !ruby/object:Evil {{}}\n"), &files, None, tar()), usual()),
        case("GEM-04", gem(SPECIFICATION, &tar().file("b.rb", b"").end(), None, tar()), usual()),
    ]
}

#[test]
fn a_script_behind_an_escaped_key_is_worse_than_one_in_sight() {
    let severity = |key: &str| {
        let manifest = format!(r#"{{"name": "a", "version": "1.0.0", "scripts": {{"{key}": "node x"}}}}"#);
        let reading =
            super::read(&tgz("a-1.0.0.tgz", Tar::default().file("package/package.json", manifest.as_bytes())));
        super::of(&reading, "NPM-05")[0].severity
    };
    assert_eq!(severity("postinstall"), crate::entry::Severity::Info);
    assert_eq!(severity("post\\u0069nstall"), crate::entry::Severity::High);
}
