//! cpio archives. OSS Rebuild does not open them; the passes for tar, as far as they are narrowed in `standard`, are the
//! model.

use crate::entry::{Kind, Value};

use super::{Fate, Pass, Profile, Scope, Stabilizer, acted_upon, order};

/// The order of the members.
pub const FILE_ORDER: Stabilizer = Stabilizer {
    id: "cpio-file-order",
    title: "Order of cpio members",
    rationale: "cpio packs files in the order in which a directory lists them. Ignored only where unpacking gives the \
        same in any order: no paths collide, nothing lies below a link or file, links follow what they name, folders \
        come before what is in them (Linux creates none that is missing). The order counts if archives follow one \
        another, of which some readers see the first alone.",
    upstream: false,
    stage: 0,
    applies: on_cpio,
    pass: Pass::Container(|view| {
        let opened = view.node(view.container).and_then(|node| node.opened.as_ref());
        let several = opened.is_none_or(|opened| opened.fields.iter().any(|field| field.name.starts_with("archive")));
        if !several && order::is_free(view) && order::has_folders_first(view) {
            view.ignore_order();
        }
    }),
};

/// Times.
pub const TIME: Stabilizer = Stabilizer {
    id: "cpio-time",
    title: "Times of cpio members",
    rationale: "They say when a file was made on the builder's disk. Linux and rpm do not decide by them, and `cpio -i` \
        only where a newer file is in the way, which it leaves. Each is one number in a field of fixed width, and what \
        is written oddly there counts.",
    upstream: false,
    stage: 0,
    applies: on_cpio,
    pass: Pass::Entry(|view, id| view.drop_fields(id, |name| name == "mtime")),
};

/// Numbers of the builder's file system.
pub const INODE: Stabilizer = Stabilizer {
    id: "cpio-inode",
    title: "Inode and device that cpio members had on the builder's disk",
    rationale: "Readers use them only to find further names of the same file. Those are in the tree as hard links, \
        which are compared, so the numbers say nothing more; nor does the count of names, which for folders is that \
        of their subfolders.",
    upstream: false,
    stage: 0,
    applies: on_cpio,
    pass: Pass::Entry(|view, id| {
        view.drop_fields(id, |name| matches!(name, "ino" | "links" | "dev" | "dev-major" | "dev-minor"));
    }),
};

/// Owners.
pub const OWNERS: Stabilizer = Stabilizer {
    id: "cpio-owners",
    title: "Owners of cpio members",
    rationale: "They name the account that ran the build: an initial file system has one user, and rpm takes owners \
        from the header of the package. On set-uid and set-gid files and on devices they count, because there they \
        lend their rights.",
    upstream: false,
    stage: 0,
    applies: on_cpio,
    pass: Pass::Entry(|view, id| {
        let Some(node) = view.node(id) else { return };
        let lends = matches!(node.value("mode"), Some(Value::Mode(mode)) if mode & 0o6000 != 0);
        if !lends && !matches!(node.kind, Kind::CharacterDevice | Kind::BlockDevice) {
            view.drop_fields(id, |name| matches!(name, "uid" | "gid"));
        }
    }),
};

/// Modes.
pub const FILE_MODE: Stabilizer = Stabilizer {
    id: "cpio-file-mode",
    title: "Modes of cpio members",
    rationale: "Readable or writable for whom depends on the umask of the builder. Kept are: execute, set-uid, set-gid \
        and sticky bits, writable by all, and every bit of what is no file, folder or link.",
    upstream: false,
    stage: 0,
    applies: on_cpio,
    pass: Pass::Entry(|view, id| {
        let Some(kind) = view.node(id).map(|node| node.kind) else { return };
        view.change_fields(id, |field, value| match value {
            Value::Mode(mode) if field.name == "mode" => match kind {
                // Links have no mode of their own.
                Kind::Symlink => Fate::Set(Value::Mode(0o777)),
                Kind::File | Kind::Hardlink | Kind::Directory => Fate::Set(Value::Mode(acted_upon(*mode, kind))),
                _ => Fate::Keep,
            },
            _ => Fate::Keep,
        });
    }),
};

/// Ways to write the same archive.
pub const FORM: Stabilizer = Stabilizer {
    id: "cpio-form",
    title: "Case of digits in cpio headers, sums over contents, padding at the end",
    rationale: "Digits mean the same in upper and lower case. Whoever reads headers with sums reads those without, and \
        a wrong sum counts, and so does everything else that is unusual about a header. Ignored behind the end are \
        zeros only.",
    upstream: false,
    stage: 0,
    applies: on_cpio,
    pass: Pass::Both(
        |view, id| {
            view.change_fields(id, |field, value| match (&*field.name, value) {
                ("header-form", form) => Fate::drop_if(*form == Value::text(LOWER)),
                ("format", form) if *form == Value::text("crc") => Fate::Set(Value::text("newc")),
                _ => Fate::Keep,
            });
        },
        |view| {
            view.change_container(|field, value| match (&*field.name, value) {
                ("zero-padding", _) => Fate::Drop,
                ("end-marker", Value::Text(form)) => match form.split_once("; ").unwrap_or((form, LOWER)) {
                    ("newc" | "crc", LOWER) => Fate::Set(Value::text("newc")),
                    _ => Fate::Keep,
                },
                _ => Fate::Keep,
            });
        },
    ),
};

/// As the parser says it.
const LOWER: &str = "digits in lower case";

fn on_cpio(scope: &Scope<'_>) -> bool {
    scope.profile == Profile::Standard && scope.format == "cpio"
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Item, container, file, stabilize};
    use super::*;

    fn check(item: Item, expected: &str) {
        let cpio = |item| container("cpio", "a.cpio", [item]);
        assert_eq!(stabilize(Profile::Standard, &cpio(item.clone())).fields("a"), expected);
        let before = stabilize(Profile::None, &cpio(item.clone())).fields("a");
        assert_eq!(stabilize(Profile::OssRebuild, &cpio(item)).fields("a"), before);
    }

    fn full(mode: u32) -> Item {
        file("a", "")
            .with("format", Value::text("crc"))
            .with("header-form", Value::text(LOWER))
            .with("mode", Value::Mode(mode))
            .with("mtime", Value::Time(7, 0))
            .with("uid", Value::Number(1000))
            .with("gid", Value::Number(1000))
            .with("ino", Value::Number(77))
            .with("links", Value::Number(2))
            .with("dev-major", Value::Number(8))
            .with("dev", Value::Number(8))
    }

    #[test]
    fn what_the_builders_disk_gave_is_dropped() {
        check(full(0o664), "format=newc mode=0644");
        check(full(0o700).kind(Kind::Directory), "format=newc mode=0755");
        check(full(0o755).kind(Kind::Symlink), "format=newc mode=0777");
    }

    #[test]
    fn what_is_acted_upon_stays() {
        check(full(0o4755), "format=newc mode=4755 uid=1000 gid=1000");
        check(full(0o666), "format=newc mode=0646");
        check(full(0o660).kind(Kind::BlockDevice), "format=newc mode=0660 uid=1000 gid=1000");
        check(full(0o660).kind(Kind::Fifo), "format=newc mode=0660");
        let odd = file("a", "")
            .with("format", Value::text("odc"))
            .with("header-form", Value::text("\"0707\""))
            .with("name-form", Value::text("without a NUL"))
            .with("device-minor", Value::Number(1))
            .with("same-as", Value::Bytes(b"b".to_vec()))
            .with("mode-extra", Value::Mode(0o200_000))
            .with("wrong-sum", Value::Number(1))
            .with("sum", Value::Number(1));
        let all = stabilize(Profile::None, &container("cpio", "a.cpio", [odd.clone()])).fields("a");
        check(odd, &all);
    }

    #[test]
    fn zeros_at_the_end_do_not_count_and_other_bytes_do() {
        let of = |end, padding| {
            let cpio = container("cpio", "a.cpio", []).says("end-marker", Value::text(end));
            stabilize(Profile::Standard, &cpio.says(padding, Value::Number(9))).container("a.cpio")
        };
        assert_eq!(of("crc", "zero-padding"), "end-marker=newc");
        assert_eq!(of("newc; digits in lower case", "zero-padding"), "end-marker=newc");
        assert_eq!(of("newc; \"0707\"", "trailing-bytes"), "end-marker=newc; \"0707\" trailing-bytes=9");
        assert_eq!(of("missing", "end-padding"), "end-marker=missing end-padding=9");
        assert_eq!(of("odc", "unread-bytes"), "end-marker=odc unread-bytes=9");
    }

    #[test]
    fn order_counts_where_it_decides() {
        let free = |cpio: Item| stabilize(Profile::Standard, &cpio).overlay("a").order.is_some();
        let folder = |path: &str| file(path, "").kind(Kind::Directory);
        assert!(free(container("cpio", "a", [folder("."), folder("d"), file("d/f", ""), file("x", "")])));
        assert!(free(container("cpio", "a", [file("d/f", ""), folder("."), file("e/f", "")])), "no such folders");
        assert!(!free(container("cpio", "a", [file("./d/f", ""), folder("d")])));
        assert!(!free(container("cpio", "a", [folder("d/e"), folder("d")])));
        assert!(!free(container("cpio", "a", [file("x", ""), file("x", "")])));
        assert!(!free(container("cpio", "a", [file("x", "")]).says("archive 1", Value::text("1 members"))));
        assert!(!free(container("cpio", "a", [file("x", "")]).says("archives-sha256", Value::Digest([0; 32]))));
    }
}
