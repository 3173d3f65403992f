//! The frame: which passes run where, in which order, and what they leave behind.

use sha2::{Digest as _, Sha256};

use super::testing::{container, file, read, stabilize, stabilize_by, stabilize_without};
use super::*;
use crate::media::Media;

fn pass(id: &'static str, stage: u8, pass: Pass) -> Stabilizer {
    Stabilizer { id, title: id, rationale: id, upstream: false, stage, applies: |_| true, pass }
}

const APPEND: fn(&mut View<'_>, NodeId) = |view, id| {
    let mut bytes = view.content(id).unwrap();
    bytes.extend_from_slice(view.pass.as_bytes());
    view.set_content(id, bytes);
};

#[test]
fn the_table_is_complete_and_says_why() {
    let mut ids: Vec<_> = STABILIZERS.iter().map(|pass| pass.id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), STABILIZERS.len(), "an id is used twice");
    for pass in STABILIZERS {
        let sentences = pass.rationale.matches(['.', ';']).count();
        assert!((1..=6).contains(&sentences) && pass.rationale.ends_with('.'), "{}: {}", pass.id, pass.rationale);
        assert!(!pass.title.is_empty() && !pass.title.ends_with('.'), "{}", pass.id);
        assert!(by_id(pass.id).is_some());
    }
    let upstream: Vec<_> = STABILIZERS.iter().filter(|pass| pass.upstream).map(|pass| pass.id).collect();
    assert_eq!(
        upstream.join(" "),
        "zip-file-order zip-modified-time zip-compression zip-data-descriptor zip-file-encoding zip-file-mode zip-misc \
         tar-file-order tar-time tar-file-mode tar-owners tar-xattrs tar-device-number gzip-compression gzip-name \
         gzip-time gzip-misc jar-build-metadata jar-attribute-value-order jar-git-properties \
         jar-maven-pom-properties jar-signature cargo-vcs-hash gem-exclude-checksums gem-exclude-signatures \
         gem-metadata-date gem-metadata-rubygems-version gem-metadata-cert-chain gem-metadata-yaml-normalize \
         gem-inner-archives wheel-record"
    );
}

#[test]
fn profile_none_runs_nothing() {
    let tar = container("tar", "a.tar", [file("a", "").with("mtime", Value::Time(1, 0))]);
    let side = stabilize(Profile::None, &container("gzip", "a.tgz", [tar]).says("os", Value::Number(3)));
    assert!(side.after.overlays.iter().all(|overlay| *overlay == Overlay::default()));
}

#[test]
fn disabled_passes_do_not_run() {
    let tar = container("tar", "a.tar", [file("a", "").with("mtime", Value::Time(1, 0)).with("uid", Value::Number(7))]);
    assert_eq!(stabilize(Profile::Standard, &tar).fields("a"), "");
    assert_eq!(stabilize_without(Profile::Standard, &["tar-owners", "unheard-of"], &tar).fields("a"), "uid=7");
    let side = stabilize_without(Profile::OssRebuild, &["tar-owners"], &tar);
    assert_eq!(side.fields("a"), "uid=7", "the rewrite does not do the work of a pass switched off");
}

#[test]
fn stages_come_before_the_order_of_the_table() {
    let late = pass("-late", 100, Pass::Entry(APPEND));
    let custom = pass("-custom", 10, Pass::Entry(APPEND));
    let early = pass("-early", 0, Pass::Entry(APPEND));
    let second = pass("-second", 0, Pass::Entry(APPEND));
    let side = stabilize_by(&[&late, &custom, &early, &second], &container("tar", "t", [file("a", "a")]));
    assert_eq!(side.content("a"), "a-early-second-custom-late");
    assert_eq!(side.overlay("a").content.as_ref().unwrap().by, ["-early", "-second", "-custom", "-late"]);
}

#[test]
fn an_entry_pass_sees_every_entry_before_the_next_pass() {
    let copy = pass("copy", 0, Pass::Entry(APPEND));
    let join = pass(
        "join",
        0,
        Pass::Container(|view| {
            let members = view.members();
            let all: Vec<u8> = members.iter().flat_map(|id| view.content(*id).unwrap()).collect();
            view.set_content(members[0], all);
        }),
    );
    let side = stabilize_by(&[&copy, &join], &container("tar", "t", [file("a", "a"), file("b", "b")]));
    assert_eq!(side.content("a"), "acopybcopy");
}

#[test]
fn a_field_changed_twice_has_one_change_by_the_last() {
    let one = pass(
        "one",
        0,
        Pass::Entry(|view, id| {
            view.change_fields(id, |field, _| if field.name == "n" { Fate::Set(Value::Number(1)) } else { Fate::Keep });
        }),
    );
    let more = pass(
        "more",
        0,
        Pass::Entry(|view, id| {
            view.change_fields(id, |_, value| match value {
                Value::Number(number) => Fate::Set(Value::Number(number + 1)),
                _ => Fate::Keep,
            });
        }),
    );
    let gone = pass("gone", 0, Pass::Entry(|view, id| view.drop_fields(id, |name| name == "n")));
    let never = pass(
        "never",
        0,
        Pass::Entry(|view, id| {
            view.change_fields(id, |field, _| if field.name == "n" { panic!("dropped already") } else { Fate::Keep });
        }),
    );
    let tar = container("tar", "t", [file("a", "").with("n", Value::Number(9)).with("m", Value::Number(5))]);
    let side = stabilize_by(&[&one, &more], &tar);
    assert_eq!((side.fields("a").as_str(), side.causes("a").as_str()), ("n=2 m=6", "n by more, m by more"));
    let side = stabilize_by(&[&one, &gone, &never], &tar);
    assert_eq!((side.fields("a").as_str(), side.causes("a").as_str()), ("m=5", "n by gone"));
}

#[test]
fn changes_are_found_beyond_the_64th_field() {
    let more = pass(
        "more",
        0,
        Pass::Entry(|view, id| {
            view.change_fields(id, |_, value| match value {
                Value::Number(number) => Fate::Set(Value::Number(number + 1)),
                _ => Fate::Keep,
            });
        }),
    );
    let many = (0..130).fold(file("a", ""), |item, _| item.with("n", Value::Number(0)));
    let side = stabilize_by(&[&more, &more], &container("tar", "t", [many]));
    assert_eq!(side.overlay("a").fields.len(), 130);
    assert_eq!(side.fields("a"), ["n=2"; 130].join(" "));
}

#[test]
fn the_same_value_is_no_change_unless_it_was_spelled_otherwise() {
    let set = pass("set", 0, Pass::Entry(|view, id| view.change_fields(id, |_, value| Fate::Set(value.clone()))));
    let usual = file("a", "").with("n", Value::Number(1));
    let odd = file("b", "").odd("n", Value::Number(1), b"01");
    let side = stabilize_by(&[&set, &set], &container("tar", "t", [usual, odd]));
    assert_eq!((side.causes("a").as_str(), side.causes("b").as_str()), ("", "n by set"));
}

#[test]
fn the_same_content_is_no_change() {
    let set = pass("set", 0, Pass::Entry(|view, id| view.set_content(id, b"same".to_vec())));
    let side = stabilize_by(&[&set], &container("tar", "t", [file("a", "same"), file("b", "other")]));
    assert!(side.overlay("a").content.is_none());
    assert_eq!(side.content("b"), "same");
}

#[test]
fn members_left_out_are_not_seen_again() {
    let out = pass(
        "out",
        0,
        Pass::Entry(|view, id| {
            if view.path(id) == b"b" {
                view.exclude(id);
            }
        }),
    );
    let side = stabilize_by(
        &[&out, &pass("+", 0, Pass::Entry(APPEND))],
        &container("tar", "t", [file("a", "a"), file("b", "b"), file("c", "c")]),
    );
    assert_eq!(side.overlay("b").excluded, Some("out"));
    assert_eq!([side.content("a"), side.content("b"), side.content("c")], ["a+", "b", "c+"]);
}

#[test]
fn inner_containers_come_first() {
    // What the outer container sees of the inner one's members shows whether they were done before it.
    let note = pass(
        "note",
        0,
        Pass::Container(|view| {
            let container = view.container;
            let inner = view.members().first().copied();
            let seen = inner.and_then(|id| view.overlay(id)).is_some_and(|overlay| overlay.order.is_some());
            if seen || view.scope.depth == 1 {
                view.ignore_order();
            }
            assert!(view.overlay(container).is_some());
        }),
    );
    let inner = container("tar", "inner.tar", [file("a", "")]);
    let side = stabilize_by(&[&note], &container("zip", "outer.zip", [inner]));
    assert_eq!(side.overlay("outer.zip").order, Some("note"));
}

#[test]
fn wrappers_do_not_count_as_depth_and_give_their_path() {
    let probe = pass(
        "probe",
        0,
        Pass::Container(|view| {
            let Scope { depth, path, outer, layers, .. } = view.scope;
            let text = format!("{depth} {} {outer} {}", String::from_utf8_lossy(path), layers.join("+"));
            let container = view.container;
            view.set_content(container, text.into_bytes());
        }),
    );
    let control = container("tar", "control.tar", [file("control", "")]);
    let data = container("tar", "data.tar", [container("zip", "a.zip", [])]);
    let deb = container(
        "deb",
        "a.deb",
        [container("gzip", "control.tar.gz", [control]), container("xz", "data.tar.xz", [data])],
    );
    let side = stabilize_by(&[&probe], &container("gzip", "a.deb.gz", [deb]));
    assert_eq!(side.content("a.deb.gz"), "0   gzip+deb");
    assert_eq!(side.content("a.deb"), "0   gzip+deb");
    assert_eq!(side.content("data.tar.xz"), "1 data.tar.xz deb gzip+deb");
    assert_eq!(side.content("data.tar"), "1 data.tar.xz deb gzip+deb");
    assert_eq!(side.content("a.zip"), "2 a.zip tar gzip+deb");
}

#[test]
fn upstream_stays_outside_of_nested_archives() {
    let time = |path| file(path, "").with("mtime", Value::Time(1, 0));
    let inner = container("tar", "inner.tar", [time("deep")]);
    let outer = container("tar", "a.tar", [inner, time("flat")]);
    let side = stabilize(Profile::OssRebuild, &outer);
    assert_eq!((side.causes("flat").as_str(), side.causes("deep").as_str()), ("mtime by tar-time", ""));
    let side = stabilize(Profile::Standard, &outer);
    assert_eq!(
        (side.causes("flat").as_str(), side.causes("deep").as_str()),
        ("mtime by tar-time", "mtime by tar-time")
    );
}

#[test]
fn upstream_goes_by_the_name_and_the_bytes_must_agree() {
    let check = |name: &'static str, layers: &[&'static str], expected: bool| {
        let plain = file("a", "").with("mtime", Value::Time(1, 0));
        let artifact = layers.iter().rev().enumerate().fold(plain, |inside, (index, format)| {
            let last = index + 1 == layers.len();
            container(format, if last { name } else { "inside" }, [inside])
        });
        let side = stabilize(Profile::OssRebuild, &artifact);
        assert_eq!(!side.causes("a").is_empty(), expected, "{name} {layers:?}");
    };
    check("a.tar", &["tar"], true);
    check("a.tar.gz", &["gzip", "tar"], true);
    check("a.tgz", &["gzip", "tar"], true);
    check("a.crate", &["gzip", "tar"], true);
    check("a.gem", &["tar"], true);
    check("a.zip", &["zip"], true);
    check("a.whl", &["zip"], true);
    check("a.jar", &["zip"], true);
    // Upstream has no verdict on these.
    check("a.tar.xz", &["xz", "tar"], false);
    check("a.tar.gz", &["tar"], false);
    check("a.tar.gz", &["xz", "tar"], false);
    check("a.tar.gz", &["gzip", "gzip", "tar"], false);
    check("a.tar", &["gzip", "tar"], false);
    check("a.whl", &["tar"], false);
    check("a.war", &["zip"], false);
    check("a.deb", &["deb", "gzip", "tar"], false);
}

#[test]
fn nodes_out_of_order_are_never_the_outermost() {
    let (mut reading, _) = read(&container("tar", "t", [file("a", "")]));
    reading.nodes[1].parent = 7;
    reading.nodes[1].opened = reading.nodes[0].opened.clone();
    assert_eq!(
        places(&reading).iter().map(|(id, place)| (*id, place.depth)).collect::<Vec<_>>(),
        [(1, u32::MAX), (0, 0)]
    );
}

#[test]
fn an_artifact_that_is_no_container_is_seen_too() {
    let entry = pass("-entry", 0, Pass::Entry(APPEND));
    let container =
        pass("-container", 0, Pass::Container(|view| view.members().iter().for_each(|id| APPEND(view, *id))));
    assert_eq!(stabilize_by(&[&entry, &container], &file("a", "a")).content("a"), "a-entry-container");
}

#[test]
fn a_leaf_is_what_looks_so_and_was_not_opened() {
    let picture = b"\x89PNG\r\n\x1a\n";
    let seen = pass(
        "seen",
        0,
        Pass::Entry(|view, id| {
            if view.leaf(id, Media::Png).is_some() {
                view.exclude(id);
            }
        }),
    );
    let behind = container("zip", "zip", []).holding(picture);
    let side = stabilize_by(&[&seen], &container("tar", "t", [file("png", picture), file("text", "PNG"), behind]));
    let excluded = |path: &str| side.overlay(path).excluded.is_some();
    assert_eq!((excluded("png"), excluded("text"), excluded("zip")), (true, false, false));
}

#[test]
fn new_contents_are_bounded_together() {
    let grow = pass("grow", 0, Pass::Entry(|view, id| view.set_content(id, vec![b'x'; 1000])));
    let tar = container("tar", "t", [file("a", "a"), file("b", "b"), file("c", "c")]);
    let (reading, store) = read(&tar);
    let mut limits = crate::limits::Limits::default();
    limits.set("content-bytes", 2500);
    let small = Store::new(std::sync::Arc::new(Vec::new()), &limits, 0);
    let steps = || vec![Step::Pass(&grow), Step::Pass(&grow)];
    let after = run_steps(&reading, &small, &Choice::default(), steps());
    let changed: Vec<bool> = (1..4).map(|id| after.overlay(id).unwrap().content.is_some()).collect();
    assert_eq!(changed, [true, true, false], "the third stays as it is");
    let after = run_steps(&reading, &store, &Choice::default(), steps());
    assert!(after.overlay(3).unwrap().content.is_some());
}

#[test]
fn each_pass_leaves_its_digest() {
    let one = pass("1", 0, Pass::Entry(APPEND));
    let two = pass("2", 0, Pass::Entry(APPEND));
    let side = stabilize_by(&[&one, &two], &container("tar", "t", [file("a", "a")]));
    let new = side.overlay("a").content.as_ref().unwrap();
    let digest = |text: &str| -> [u8; 32] { Sha256::digest(text).into() };
    assert_eq!(new.after, [digest("a1"), digest("a12")]);
    assert_eq!(new.sha256, digest("a12"));
}
