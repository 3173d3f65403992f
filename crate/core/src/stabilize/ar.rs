//! ar archives: static libraries, and the outer layer of Debian packages.

use crate::entry::{Kind, Value};

use super::{Fate, Pass, Profile, Stabilizer, acted_upon};

/// Times, owners and modes.
pub const METADATA: Stabilizer = Stabilizer {
    id: "ar-metadata",
    title: "Times, owners and modes of ar members",
    rationale: "Linkers and dpkg read an ar archive's members by name and ignore who owned them and when they were \
        added. Each is one number in a field of fixed width; what is written oddly there shows as `header-form`, \
        which counts. `ar x` unpacks with the modes, so what it would act on counts, but not in a Debian package: \
        the files that one installs have their modes inside.",
    upstream: false,
    stage: 0,
    applies: |scope| scope.profile == Profile::Standard && matches!(scope.format, "ar" | "deb"),
    pass: Pass::Entry(|view, id| {
        let Some(kind) = view.node(id).map(|node| node.kind) else { return };
        // The index of symbols and the table of long names are not unpacked either.
        let unpacked = view.scope.format == "ar" && kind == Kind::File;
        view.change_fields(id, |field, value| match (&*field.name, value) {
            _ if field.stored.is_some() => Fate::Keep,
            ("mtime" | "uid" | "gid", _) => Fate::Drop,
            ("mode", Value::Mode(mode)) if unpacked => Fate::Set(Value::Mode(acted_upon(*mode, kind))),
            ("mode", _) => Fate::Drop,
            // Whether the kind of file is stated, which is always the same. `ar` leaves it out where it is told to be
            // deterministic.
            ("mode-extra", extra) => Fate::drop_if(*extra == Value::Mode(0o100_000)),
            _ => Fate::Keep,
        });
    }),
};

#[cfg(test)]
mod tests {
    use super::super::testing::{Item, container, file, stabilize};
    use super::*;

    fn check(profile: Profile, format: &'static str, member: Item, expected: &str) {
        assert_eq!(stabilize(profile, &container(format, "lib", [member])).fields("a.o"), expected);
    }

    fn member(mode: u32) -> Item {
        file("a.o", "code")
            .with("mtime", Value::Time(7, 0))
            .with("uid", Value::Number(1000))
            .with("mode", Value::Mode(mode))
            .with("mode-extra", Value::Mode(0o100_000))
            .with("header-form", Value::text("odd"))
    }

    #[test]
    fn metadata_of_ar_members_is_dropped_and_odd_headers_are_not() {
        check(Profile::Standard, "ar", member(0o600), "mode=0644 header-form=odd");
        check(Profile::Standard, "deb", member(0o600), "header-form=odd");
        check(Profile::Standard, "ar", member(0).kind(Kind::Other), "header-form=odd");
        let all = "mtime=1970-01-01T00:00:07Z uid=1000 mode=0600 mode-extra=100000 header-form=odd";
        check(Profile::OssRebuild, "deb", member(0o600), all);
        check(Profile::None, "ar", member(0o600), all);
    }

    #[test]
    fn what_unpacking_would_act_on_stays() {
        check(Profile::Standard, "ar", member(0o775), "mode=0755 header-form=odd");
        check(Profile::Standard, "ar", member(0o4755), "mode=4755 header-form=odd");
        check(Profile::Standard, "ar", member(0o666), "mode=0646 header-form=odd");
        let link = file("a.o", "").with("mode-extra", Value::Mode(0o120_000));
        check(Profile::Standard, "deb", link, "mode-extra=120000");
    }
}
