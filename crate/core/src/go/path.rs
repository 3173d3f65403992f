//! Slash-separated paths as Go's package `path` has them.

/// The folder with its last slash, and the rest.
pub(super) fn split(path: &[u8]) -> (&[u8], &[u8]) {
    let at = path.iter().rposition(|byte| *byte == b'/').map_or(0, |last| last + 1);
    path.split_at(at)
}

/// Parts put together, and cleaned unless all are empty.
pub(super) fn join(parts: &[&[u8]]) -> Vec<u8> {
    let mut path = Vec::new();
    for part in parts {
        if !path.is_empty() {
            path.push(b'/');
        }
        path.extend_from_slice(part);
    }
    if path.is_empty() { path } else { clean(&path) }
}

/// The shortest path that means the same: no empty or `.` parts, no `..` but at the start of a relative path, no slash
/// at the end, `.` for nothing.
fn clean(path: &[u8]) -> Vec<u8> {
    let rooted = path.first() == Some(&b'/');
    let mut kept: Vec<&[u8]> = Vec::new();
    for part in path.split(|byte| *byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." => match kept.last() {
                Some(last) if *last != b".." => {
                    kept.pop();
                }
                None if rooted => {}
                _ => kept.push(part),
            },
            part => kept.push(part),
        }
    }
    let mut cleaned = if rooted { b"/".to_vec() } else { Vec::new() };
    cleaned.extend_from_slice(&kept.join(&b'/'));
    if cleaned.is_empty() { b".".to_vec() } else { cleaned }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_split_and_put_together_clean() {
        let check = |name: &str, expected: &str| {
            let (folder, file) = split(name.as_bytes());
            let joined = join(&[folder, b"PaxHeaders.0", file]);
            assert_eq!(String::from_utf8(joined).unwrap(), expected, "{name}");
        };
        check("", "PaxHeaders.0");
        check("a", "PaxHeaders.0/a");
        check("a/b", "a/PaxHeaders.0/b");
        check("a/b/", "a/b/PaxHeaders.0");
        check("./a//b", "a/PaxHeaders.0/b");
        check("/a", "/PaxHeaders.0/a");
        check("/../a", "/PaxHeaders.0/a");
        check("../../a", "../../PaxHeaders.0/a");
        check("a/../b", "PaxHeaders.0/b");
        check("a/..", "a");
        check("/..", "/");
        check("..", ".");
    }
}
