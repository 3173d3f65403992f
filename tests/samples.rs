//! Real packages and their rebuilds, and the pairs that OSS Rebuild judged (see `samples/README.md`).
//!
//! Members are checked against what independent readers list: the crates `tar` and `zip`, and for the Debian package
//! a list that GNU tar and sha256sum made.

#![allow(clippy::indexing_slicing, clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use std::collections::BTreeMap;
use std::io::{Cursor, Read};
use std::path::PathBuf;

use flate2::read::GzDecoder;
use sha2::{Digest as _, Sha256};
use twinspect::entry::Kind;
use twinspect::report::{Inspection, Report, Row, Status, Verdict};
use twinspect::stabilize::Profile;
use twinspect_tests::{compare, read};

/// Every file of `published/` and `rebuilt/` but the list, and the ecosystem it is of.
const REAL: &[(&str, &str)] = &[
    ("published/absl_py-2.0.0-py3-none-any.whl", "wheel"),
    ("published/adler2-2.0.1.crate", "crate"),
    ("published/imap-0.8.19.tgz", "npm"),
    ("published/iniconfig-2.3.0-py3-none-any.whl", "wheel"),
    ("published/lodash-4.17.21.tgz", "npm"),
    ("published/nodeenv-1.9.0-py2.py3-none-any.whl", "wheel"),
    ("published/python3-iniconfig_1.1.1-2_all.deb", "deb"),
    ("published/six-1.16.0-py2.py3-none-any.whl", "wheel"),
    ("published/six-1.16.0.tar.gz", "sdist"),
    ("rebuilt/iniconfig-2.3.0-py3-none-any.whl", "wheel"),
    ("rebuilt/lodash-4.17.21.tgz", "npm"),
    ("rebuilt/nodeenv-1.9.0-py2.py3-none-any.whl", "wheel"),
    ("rebuilt/python3-iniconfig_1.1.1-2_all.deb", "deb"),
];

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("samples")
}

fn sample(path: &str) -> Vec<u8> {
    std::fs::read(folder().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The report on two samples; the names lose their folder, as in a browser.
fn report(left: &str, right: &str, profile: Profile) -> Report {
    let name = |path: &'_ str| path.rsplit('/').next().unwrap_or_default().to_owned();
    compare((&name(left), &sample(left)), (&name(right), &sample(right)), profile).report().clone()
}

fn inspect(path: &str) -> Inspection {
    let name = path.rsplit('/').next().unwrap_or_default();
    twinspect::summarize::inspect(&read(name, &sample(path)))
}

/// Rows by path, those of one status.
fn of_status(report: &Report, status: Status) -> Vec<&str> {
    report.rows.iter().filter(|row| row.status == status).map(|row| row.path.as_str()).collect()
}

fn row<'a>(report: &'a Report, path: &str) -> &'a Row {
    report.rows.iter().find(|row| row.path == path).unwrap_or_else(|| panic!("no row {path}"))
}

/// Every cause of a report, by name.
fn causes(report: &Report) -> Vec<&str> {
    report.summary.by_cause.keys().map(String::as_str).collect()
}

/// A member as any reader sees it: path, size, and the digest of what has bytes.
type Member = (String, u64, Option<String>);

/// The members of a sample as the crates `tar` and `zip` list them; `None` for what they do not open.
fn listed_independently(path: &str) -> Option<Vec<Member>> {
    let bytes = sample(path);
    let contents = |reader: &mut dyn Read| {
        let mut content = Vec::new();
        reader.read_to_end(&mut content).unwrap();
        (content.len() as u64, sha256(&content))
    };
    match bytes.get(..2)? {
        b"PK" => {
            let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
            let members = (0..archive.len()).map(|at| {
                let mut member = archive.by_index(at).unwrap();
                let name = String::from_utf8(member.name_raw().to_vec()).unwrap();
                let folder = member.is_dir();
                let (size, digest) = contents(&mut member);
                (name, size, (!folder).then_some(digest))
            });
            Some(members.collect())
        }
        [0x1f, 0x8b] => {
            let mut archive = tar::Archive::new(GzDecoder::new(bytes.as_slice()));
            // A global header only speaks about others.
            let members = archive.entries().unwrap().map(Result::unwrap);
            let members = members.filter(|member| !member.header().entry_type().is_pax_global_extensions());
            let members = members.map(|mut member| {
                let name = String::from_utf8(member.path_bytes().to_vec()).unwrap();
                let file = member.header().entry_type().is_file();
                let (size, digest) = contents(&mut member);
                (name, size, file.then_some(digest))
            });
            Some(members.collect())
        }
        _ => None,
    }
}

/// The members of the artifact itself as we list them.
fn listed_by_us(inspection: &Inspection) -> Vec<Member> {
    let members = inspection.entries.iter().filter(|entry| !entry.path.is_empty() && !entry.path.contains("!/"));
    members.map(|entry| (entry.path.clone(), entry.info.size, entry.info.sha256.clone())).collect()
}

#[test]
fn every_sample_stands_in_the_readme() {
    let readme = String::from_utf8(sample("README.md")).unwrap();
    let mut found = Vec::new();
    for part in ["published", "rebuilt"] {
        for file in std::fs::read_dir(folder().join(part)).unwrap() {
            let name = file.unwrap().file_name().into_string().unwrap();
            if !name.ends_with(".tsv") {
                found.push(format!("{part}/{name}"));
            }
        }
    }
    found.sort();
    assert_eq!(found, REAL.iter().map(|(path, _)| *path).collect::<Vec<_>>());
    for path in found {
        let (name, digest) = (path.rsplit('/').next().unwrap_or_default(), sha256(&sample(&path)));
        let stands = readme.lines().any(|line| line.contains(&format!("`{name}`")) && line.contains(&digest));
        assert!(stands, "{path} with {digest} is not in the README");
    }
}

#[test]
fn every_oss_rebuild_pair_gives_the_stated_verdict() {
    let table = String::from_utf8(sample("oss-rebuild/pairs.tsv")).unwrap();
    let mut pairs = 0;
    for line in table.lines().skip(1) {
        let columns: Vec<&str> = line.split('\t').collect();
        let [left, right, _, stated] = columns[..] else { panic!("four columns: {line}") };
        let report = report(&format!("oss-rebuild/{left}"), &format!("oss-rebuild/{right}"), Profile::OssRebuild);
        let expected = match stated {
            "EQUIVALENT" => Verdict::Equivalent,
            "DIFFERENT" => Verdict::Different,
            // Upstream does not read global PAX headers and stops; we do, and a comment in one says nothing.
            "ERROR" if left == "tar_global_pax_1.tar" => Verdict::Equivalent,
            other => panic!("{left}: what is {other}?"),
        };
        assert_eq!(report.verdict, expected, "{left}: {stated} upstream; {:?}", report.statements);
        if expected == Verdict::Equivalent {
            assert!(!report.ledger.is_empty(), "{left}: equivalent, and no pass is named");
        }
        pairs += 1;
    }
    assert_eq!(pairs, 16);
}

#[test]
fn real_packages_have_no_problems_and_are_recognised() {
    for (path, ecosystem) in REAL {
        let inspection = inspect(path);
        assert_eq!(inspection.problems, [], "{path}");
        assert_eq!(inspection.artifact.ecosystem.as_deref(), Some(*ecosystem), "{path}");
        assert_eq!(inspection.artifact.sha256, sha256(&sample(path)), "{path}");
    }
}

#[test]
fn members_are_those_that_independent_readers_list() {
    let mut checked = 0;
    for (path, ecosystem) in REAL {
        let Some(expected) = listed_independently(path) else {
            assert_eq!(*ecosystem, "deb", "{path} is checked by nobody");
            continue;
        };
        assert_eq!(listed_by_us(&inspect(path)), expected, "{path}");
        checked += expected.len();
    }
    assert_eq!(checked, 2234, "members of all samples");
}

#[test]
fn members_of_a_debian_package_are_those_that_gnu_tar_lists() {
    let list = String::from_utf8(sample("published/python3-iniconfig_1.1.1-2_all.deb.tsv")).unwrap();
    for (path, suffix) in
        [("published/python3-iniconfig_1.1.1-2_all.deb", "xz"), ("rebuilt/python3-iniconfig_1.1.1-2_all.deb", "gz")]
    {
        let inspection = inspect(path);
        let outer: Vec<Member> = listed_by_us(&inspection);
        let names: Vec<&str> = outer.iter().map(|(name, ..)| name.as_str()).collect();
        assert_eq!(names, ["debian-binary", &format!("control.tar.{suffix}"), &format!("data.tar.{suffix}")]);
        let inner = inspection.entries.iter().filter(|entry| entry.path.matches("!/").count() == 1);
        let inner: Vec<String> = inner
            .map(|entry| {
                let (archive, member) = entry.path.split_once("!/").unwrap();
                let archive = archive.replace(".tar.gz", ".tar.xz");
                let digest = entry.info.sha256.as_deref().unwrap_or("-");
                format!("{archive}\t{member}\t{}\t{digest}", entry.info.size)
            })
            .collect();
        assert_eq!(inner, list.lines().collect::<Vec<_>>(), "{path}");
    }
}

/// Content differs, or an entry is on one side only, exactly where independent readers say so.
#[test]
fn nothing_is_missed_and_nothing_is_invented() {
    for (left, right) in [
        ("published/iniconfig-2.3.0-py3-none-any.whl", "rebuilt/iniconfig-2.3.0-py3-none-any.whl"),
        ("published/lodash-4.17.21.tgz", "rebuilt/lodash-4.17.21.tgz"),
        ("published/nodeenv-1.9.0-py2.py3-none-any.whl", "rebuilt/nodeenv-1.9.0-py2.py3-none-any.whl"),
    ] {
        let by_path = |path: &str| -> BTreeMap<String, Option<String>> {
            listed_independently(path).unwrap().into_iter().map(|(name, _, digest)| (name, digest)).collect()
        };
        let (a, b) = (by_path(left), by_path(right));
        assert!(a.keys().eq(b.keys()), "these samples have the same members");
        let expected: Vec<&str> =
            a.iter().filter(|(name, digest)| b.get(*name) != Some(*digest)).map(|(name, _)| name.as_str()).collect();
        let report = report(left, right, Profile::None);
        let content = |row: &&Row| row.differs.iter().any(|what| what == "content");
        let mut found: Vec<&str> = report.rows.iter().filter(content).map(|row| row.path.as_str()).collect();
        found.sort_unstable();
        assert_eq!(found, expected, "{left}");
        assert_eq!(of_status(&report, Status::OnlyLeft), [""; 0], "{left}");
        assert_eq!(of_status(&report, Status::OnlyRight), [""; 0], "{left}");
        assert_eq!(report.rows.len(), a.len(), "{left}");
    }
}

#[test]
fn a_package_compressed_again_is_equivalent() {
    for profile in [Profile::OssRebuild, Profile::Standard] {
        let report = report("published/lodash-4.17.21.tgz", "rebuilt/lodash-4.17.21.tgz", profile);
        assert_eq!(report.verdict, Verdict::Equivalent, "{profile:?}");
        assert_eq!(of_status(&report, Status::Identical).len(), 1054, "{profile:?}");
        assert_eq!(report.root.status, Status::Equivalent, "{profile:?}");
        assert_eq!(causes(&report), ["gzip-compression", "gzip-misc"], "{profile:?}");
    }
}

#[test]
fn a_wheel_with_other_times_is_equivalent() {
    for profile in [Profile::OssRebuild, Profile::Standard] {
        let report = report(
            "published/nodeenv-1.9.0-py2.py3-none-any.whl",
            "rebuilt/nodeenv-1.9.0-py2.py3-none-any.whl",
            profile,
        );
        assert_eq!(report.verdict, Verdict::Equivalent, "{profile:?}");
        assert_eq!(of_status(&report, Status::Equivalent).len(), 7, "{profile:?}");
        assert_eq!(of_status(&report, Status::Identical), ["nodeenv.py"], "{profile:?}");
        assert_eq!(causes(&report), ["zip-modified-time"], "{profile:?}");
    }
}

#[test]
fn a_wheel_with_another_generated_file_is_different_only_there() {
    const VERSION: &str = "iniconfig/_version.py";
    const RECORD: &str = "iniconfig-2.3.0.dist-info/RECORD";
    // Upstream writes RECORD anew from the files, so it still says that one of them differs. The standard profile knows
    // that this is no difference of its own.
    for (profile, expected) in [(Profile::OssRebuild, &[VERSION, RECORD][..]), (Profile::Standard, &[VERSION])] {
        let report =
            report("published/iniconfig-2.3.0-py3-none-any.whl", "rebuilt/iniconfig-2.3.0-py3-none-any.whl", profile);
        assert_eq!(report.verdict, Verdict::Different, "{profile:?}");
        assert_eq!(of_status(&report, Status::Different), expected, "{profile:?}");
        assert_eq!(of_status(&report, Status::Equivalent).len(), 10 - expected.len(), "{profile:?}");
        for path in expected {
            assert_eq!(row(&report, path).differs, ["content"], "{profile:?} {path}");
        }
        let unexplained: Vec<&str> =
            report.statements.iter().filter(|it| !it.explained).map(|it| it.cause.as_str()).collect();
        assert_eq!(unexplained, ["unexplained"], "{profile:?}");
        if profile == Profile::Standard {
            assert!(row(&report, RECORD).causes.iter().any(|cause| cause == "wheel-record"));
        }
    }
}

#[test]
fn an_rpm_package_shows_what_rpm_lists() {
    let inspection = inspect("standard/rpm_1.rpm");
    assert_eq!((inspection.problems.len(), inspection.findings.len()), (0, 0), "{:?}", inspection.findings);
    assert_eq!(inspection.artifact.ecosystem.as_deref(), Some("rpm"));
    let inside = |prefix: &str| -> Vec<&str> {
        inspection.entries.iter().filter_map(|entry| entry.path.strip_prefix(prefix)).collect()
    };
    // As `rpm2cpio | cpio -t` lists it; the ghost is in the list of files only.
    let payload =
        ["etc/demo.conf", "usr/bin/demo", "usr/bin/dm", "usr/share/demo", "usr/share/demo/data", "usr/share/demo/same"];
    let mut found = inside("payload.cpio.gz!/./");
    found.sort_unstable();
    assert_eq!(found, payload);
    assert_eq!(inside("scriptlet/"), ["postin", "preun", "trigger-1", "file-trigger-1"]);
    let value = |name: &str| {
        let fields = inspection.entries.iter().find(|entry| entry.path.is_empty()).map(|entry| &entry.fields);
        fields.and_then(|fields| fields.iter().find(|field| field.0 == name)).map(|field| field.1.clone())
    };
    // As `rpm -qp --queryformat` prints them.
    assert_eq!(value("rpm:build-host").as_deref(), Some("host1.example.invalid"));
    assert_eq!(value("rpm:epoch").as_deref(), Some("1"));
    assert_eq!(value("rpm:summary (de)").as_deref(), Some("Ein Paket für Tests"));
}

#[test]
fn an_alpine_package_shows_its_three_parts() {
    let inspection = inspect("alpine/demo-1.2-r0.apk");
    assert_eq!((inspection.problems.len(), inspection.findings.len()), (0, 0), "{:?}", inspection.findings);
    assert_eq!(inspection.artifact.ecosystem.as_deref(), Some("alpine"));
    let paths: Vec<&str> = inspection.entries.iter().map(|entry| entry.path.as_str()).collect();
    let mut expected = vec![
        "",
        "signature.tar.gz",
        "control.tar.gz",
        "data.tar.gz",
        "signature.tar.gz!/.SIGN.RSA.demo.rsa.pub",
        "control.tar.gz!/.PKGINFO",
        "control.tar.gz!/.post-install",
        "data.tar.gz!/usr",
        "data.tar.gz!/usr/bin",
        "data.tar.gz!/usr/bin/demo",
        "data.tar.gz!/usr/bin/dm",
        "data.tar.gz!/etc",
        "data.tar.gz!/etc/demo.conf",
    ];
    let mut found: Vec<&str> = paths.iter().map(|path| path.trim_end_matches('/')).collect();
    found.sort_unstable();
    expected.sort_unstable();
    assert_eq!(found, expected);
}

#[test]
fn a_debian_package_with_other_compression_is_equivalent() {
    let (left, right) = ("published/python3-iniconfig_1.1.1-2_all.deb", "rebuilt/python3-iniconfig_1.1.1-2_all.deb");
    let report_of = |profile| report(left, right, profile);
    let standard = report_of(Profile::Standard);
    assert_eq!(standard.verdict, Verdict::Equivalent, "{:?}", standard.statements);
    assert_eq!(of_status(&standard, Status::Equivalent), ["control.tar.gz", "data.tar.gz"]);
    assert_eq!(of_status(&standard, Status::Identical).len(), 26);
    assert_eq!(causes(&standard), ["gzip-compression", "gzip-misc", "recompression"]);
    // Upstream knows no Debian packages; without a pass the same two rows are different, and no other.
    let none = report_of(Profile::None);
    assert_eq!(none.verdict, Verdict::Different);
    assert_eq!(of_status(&none, Status::Different), ["control.tar.gz", "data.tar.gz"]);
}

#[test]
fn a_wheel_holds_what_its_sdist_holds_and_three_files_of_its_own() {
    let report = report("published/six-1.16.0.tar.gz", "published/six-1.16.0-py2.py3-none-any.whl", Profile::Standard);
    assert_eq!(report.verdict, Verdict::Different);
    let info = |name: &str| format!("six-1.16.0.dist-info/{name}");
    assert_eq!(of_status(&report, Status::OnlyRight), [info("METADATA"), info("WHEEL"), info("RECORD")]);
    assert_eq!(of_status(&report, Status::OnlyLeft).len(), 16);
    let same = |path: &str| {
        let row = row(&report, path);
        let digest = |side: &Option<twinspect::report::EntryInfo>| side.as_ref().and_then(|side| side.sha256.clone());
        assert!(digest(&row.left).is_some() && digest(&row.left) == digest(&row.right), "{path}");
        assert!(row.differs.iter().all(|what| what != "content"), "{path}: {:?}", row.differs);
        row.moved_from.clone()
    };
    assert_eq!(same("six.py"), None, "aligned with six-1.16.0/six.py");
    assert_eq!(same(&info("LICENSE")).as_deref(), Some("six-1.16.0/LICENSE"));
    assert_eq!(same(&info("top_level.txt")).as_deref(), Some("six-1.16.0/six.egg-info/top_level.txt"));
    assert!(report.rows.iter().filter_map(|row| row.right.as_ref()).all(|entry| entry.kind == Kind::File));
}
