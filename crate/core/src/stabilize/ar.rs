//! ar archives: static libraries, and the outer layer of Debian packages.

use super::{Fate, Pass, Profile, Stabilizer};

/// Times, owners and modes.
pub const METADATA: Stabilizer = Stabilizer {
    id: "ar-metadata",
    title: "Times, owners and modes of ar members",
    rationale: "Linkers and dpkg read an ar archive's members by name and ignore who owned them and when they were \
        added. Each is one number in a field of fixed width; what is written oddly there shows as `header-form`, \
        which counts. Nothing is unpacked with these modes: the files a Debian package installs have theirs in its \
        data.tar, where they count.",
    upstream: false,
    stage: 0,
    applies: |scope| scope.profile == Profile::Standard && matches!(scope.format, "ar" | "deb"),
    pass: Pass::Entry(|view, id| {
        view.change_fields(id, |field, _| {
            let ours = matches!(field.name.as_ref(), "mtime" | "uid" | "gid" | "mode");
            Fate::drop_if(ours && field.stored.is_none())
        });
    }),
};

#[cfg(test)]
mod tests {
    use super::super::Profile;
    use super::super::testing::{container, file, stabilize};
    use crate::entry::Value;

    fn check(profile: Profile, format: &'static str, expected: &str) {
        let member = file("a.o", "code")
            .with("mtime", Value::Time(7, 0))
            .with("uid", Value::Number(1000))
            .with("mode", Value::Mode(0o600))
            .with("header-form", Value::text("odd"));
        let side = stabilize(profile, &container(format, "lib", [member]));
        assert_eq!(side.fields("a.o"), expected);
    }

    #[test]
    fn metadata_of_ar_members_is_dropped_and_odd_headers_are_not() {
        check(Profile::Standard, "ar", "header-form=odd");
        check(Profile::Standard, "deb", "header-form=odd");
        let all = "mtime=1970-01-01T00:00:07Z uid=1000 mode=0600 header-form=odd";
        check(Profile::OssRebuild, "deb", all);
        check(Profile::None, "ar", all);
    }
}
