//! The report's rows as the tree that the page shows: folders as nodes, members of nested archives below their
//! container, counts by status for everything that holds something.
//!
//! Columns, not objects: tens of thousands of rows cross to the page as a few buffers, without work on its main thread.

use std::collections::BTreeMap;

use crate::entry::Kind;
use crate::report::{EntryInfo, Report, Row, Status};

/// In [`Tree::rows`]: the pair of artifacts themselves, [`Report::root`].
pub const ROOT: i32 = -2;
/// In [`Tree::rows`]: a folder that has no entry of its own and is only implied by paths.
pub const IMPLIED: i32 = -1;
/// Folders shown above one entry, within its container. Deeper paths keep their rest as one name: hostile ones are
/// tens of thousands deep.
const MOST_FOLDERS: usize = 64;
/// The number of [`Status`] values.
const STATUSES: usize = 6;

/// The tree in preorder, one value per node in each column. Node 0 is the pair of artifacts themselves, without children:
/// members of the artifact are top nodes beside it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tree {
    /// All names, UTF-8, one after another: the last part of the path, or several joined by `/` for a chain of folders
    /// with nothing else in them.
    pub names: Vec<u8>,
    /// Where each name begins and the last one ends, in UTF-16 units of the decoded `names`: one more than nodes.
    pub name_starts: Vec<u32>,
    /// The node that holds this one; -1 for top nodes.
    pub parents: Vec<i32>,
    /// Levels above it; 0 for top nodes.
    pub depths: Vec<u32>,
    /// The node after its last descendant.
    pub ends: Vec<u32>,
    /// Index into [`Report::rows`], [`IMPLIED`] or [`ROOT`].
    pub rows: Vec<i32>,
    /// 0 folder, 1 file, 2 link, 3 anything else, 4 opened container.
    pub kinds: Vec<u8>,
    /// Its own status, by [`code`]; an implied folder has that of `overall`.
    pub statuses: Vec<u8>,
    /// Its own status and those of all it holds, in one.
    pub overall: Vec<u8>,
    /// Two numbers for each node: size in A and in B in bytes, -1 where there is none.
    pub sizes: Vec<f64>,
    /// Six numbers for each node: rows below it, by status.
    pub counts: Vec<u32>,
    /// Where each node's causes begin in `causes`: one more than nodes.
    pub cause_starts: Vec<u32>,
    /// Causes, as indices into `cause_ids`.
    pub causes: Vec<u32>,
    /// Every cause that occurs.
    pub cause_ids: Vec<String>,
}

/// A status as a number, in the order of its declaration.
pub fn code(status: Status) -> u8 {
    match status {
        Status::Identical => 0,
        Status::Equivalent => 1,
        Status::Different => 2,
        Status::OnlyLeft => 3,
        Status::OnlyRight => 4,
        Status::Unread => 5,
    }
}

/// The tree of a report.
pub fn tree(report: &Report) -> Tree {
    let mut growing = Growing::default();
    for (index, row) in report.rows.iter().enumerate() {
        growing.place(&report.rows, index, row);
    }
    growing.join_chains();
    growing.sort();
    growing.flatten(report)
}

/// A node before its place in the order is known.
struct Node {
    name: String,
    row: Option<usize>,
    folder: bool,
    children: Vec<usize>,
}

#[derive(Default)]
struct Growing {
    nodes: Vec<Node>,
    tops: Vec<usize>,
    /// Folders by the node they are in and their name.
    folders: BTreeMap<(Option<usize>, String), usize>,
    /// The node of each row placed so far.
    node_of_row: Vec<usize>,
}

impl Growing {
    fn place(&mut self, rows: &[Row], index: usize, row: &Row) {
        let container = row.parent.and_then(|parent| usize::try_from(parent).ok()).filter(|parent| *parent < index);
        let path = match container.and_then(|container| rows.get(container)) {
            Some(container) => member_path(&row.path, &container.path),
            None => &row.path,
        };
        let is_folder = info(row).is_some_and(|info| info.kind == Kind::Directory);
        let (folders, name) = split(path, is_folder);
        let mut at = container.and_then(|container| self.node_of_row.get(container).copied());
        for folder in folders {
            at = Some(self.folder(at, folder));
        }
        let node = if is_folder { self.folder(at, name) } else { self.add(at, name, false) };
        let taken = self.nodes.get(node).is_some_and(|node| node.row.is_some());
        let node = if taken { self.add(at, name, true) } else { node };
        if let Some(node) = self.nodes.get_mut(node) {
            node.row = Some(index);
        }
        self.node_of_row.push(node);
    }

    fn folder(&mut self, parent: Option<usize>, name: &str) -> usize {
        let key = (parent, name.to_owned());
        match self.folders.get(&key) {
            Some(node) => *node,
            None => {
                let node = self.add(parent, name, true);
                self.folders.insert(key, node);
                node
            }
        }
    }

    fn add(&mut self, parent: Option<usize>, name: &str, folder: bool) -> usize {
        let node = self.nodes.len();
        self.nodes.push(Node { name: name.to_owned(), row: None, folder, children: Vec::new() });
        match parent.and_then(|parent| self.nodes.get_mut(parent)) {
            Some(parent) => parent.children.push(node),
            None => self.tops.push(node),
        }
        node
    }

    /// Makes one node of an implied folder and the only folder in it, as in `src/main/java`.
    fn join_chains(&mut self) {
        // Children come after their parents in `nodes`, so from the back every chain is joined from its end.
        for index in (0..self.nodes.len()).rev() {
            let only = match self.nodes.get(index) {
                Some(Node { row: None, folder: true, children, .. }) => match children.as_slice() {
                    [only] => *only,
                    _ => continue,
                },
                _ => continue,
            };
            let Some(child) = self.nodes.get_mut(only).filter(|child| child.folder) else { continue };
            let (name, row, children) =
                (std::mem::take(&mut child.name), child.row, std::mem::take(&mut child.children));
            if let Some(node) = self.nodes.get_mut(index) {
                node.name.push('/');
                node.name.push_str(&name);
                node.row = row;
                node.children = children;
            }
        }
    }

    /// Folders first, then by name without regard to case: a name is where one looks for it. (The stored order is in the
    /// report.)
    fn sort(&mut self) {
        let keys: Vec<(bool, String)> =
            self.nodes.iter().map(|node| (!node.folder, node.name.to_lowercase())).collect();
        let compare = |a: &usize, b: &usize| keys.get(*a).cmp(&keys.get(*b)).then(a.cmp(b));
        self.tops.sort_by(compare);
        for node in &mut self.nodes {
            node.children.sort_by(compare);
        }
    }

    fn flatten(&self, report: &Report) -> Tree {
        let mut tree = Tree::default();
        let mut causes: BTreeMap<&str, u32> = BTreeMap::new();
        tree.name_starts.push(0);
        tree.cause_starts.push(0);
        tree.push(&report.sides.right.name, false, Some(&report.root), ROOT, None, &mut causes);
        // What is still to be written, the next one last: a node, or the end of one already written.
        enum Step {
            Open(usize, Option<usize>),
            Close(usize),
        }
        let mut steps: Vec<Step> = self.tops.iter().rev().map(|top| Step::Open(*top, None)).collect();
        while let Some(step) = steps.pop() {
            match step {
                Step::Open(index, parent) => {
                    let Some(node) = self.nodes.get(index) else { continue };
                    let row = node.row.and_then(|row| report.rows.get(row));
                    let number = node.row.map_or(IMPLIED, |row| i32::try_from(row).unwrap_or(i32::MAX));
                    let written = tree.push(&node.name, node.folder, row, number, parent, &mut causes);
                    steps.push(Step::Close(written));
                    steps.extend(node.children.iter().rev().map(|child| Step::Open(*child, Some(written))));
                }
                Step::Close(written) => tree.close(written),
            }
        }
        tree
    }
}

impl Tree {
    fn push<'a>(
        &mut self,
        name: &str,
        folder: bool,
        row: Option<&'a Row>,
        number: i32,
        parent: Option<usize>,
        causes: &mut BTreeMap<&'a str, u32>,
    ) -> usize {
        let node = self.rows.len();
        let units = u32::try_from(name.encode_utf16().count()).unwrap_or(u32::MAX);
        self.names.extend_from_slice(name.as_bytes());
        self.name_starts.push(self.name_starts.last().copied().unwrap_or(0).saturating_add(units));
        self.parents.push(parent.and_then(|parent| i32::try_from(parent).ok()).unwrap_or(-1));
        self.depths.push(parent.and_then(|parent| self.depths.get(parent)).map_or(0, |depth| depth + 1));
        self.ends.push(u32::try_from(node + 1).unwrap_or(u32::MAX));
        self.rows.push(number);
        self.kinds.push(if folder { 0 } else { row.and_then(info).map_or(1, kind) });
        let status = row.map_or(0, |row| code(row.status));
        self.statuses.push(status);
        self.overall.push(status);
        let size = |entry: Option<&EntryInfo>| entry.filter(|entry| entry.kind == Kind::File).map_or(-1.0, size_of);
        self.sizes.push(size(row.and_then(|row| row.left.as_ref())));
        self.sizes.push(size(row.and_then(|row| row.right.as_ref())));
        self.counts.extend_from_slice(&[0; STATUSES]);
        for cause in row.map(|row| row.causes.as_slice()).unwrap_or_default() {
            let next = u32::try_from(self.cause_ids.len()).unwrap_or(u32::MAX);
            let index = *causes.entry(cause).or_insert_with(|| {
                self.cause_ids.push(cause.clone());
                next
            });
            self.causes.push(index);
        }
        self.cause_starts.push(u32::try_from(self.causes.len()).unwrap_or(u32::MAX));
        node
    }

    /// Everything below `node` is written: its end, its status in view of what it holds, and its parent's counts.
    fn close(&mut self, node: usize) {
        let end = u32::try_from(self.rows.len()).unwrap_or(u32::MAX);
        if let Some(slot) = self.ends.get_mut(node) {
            *slot = end;
        }
        let implied = self.rows.get(node) == Some(&IMPLIED);
        let own = self.statuses.get(node).copied().unwrap_or(0);
        let mut all: [u32; STATUSES] = self.counts_of(node);
        if !implied && let Some(count) = all.get_mut(usize::from(own)) {
            *count += 1;
        }
        let overall = combine(&all);
        if let Some(slot) = self.overall.get_mut(node) {
            *slot = overall;
        }
        if implied && let Some(slot) = self.statuses.get_mut(node) {
            *slot = overall;
        }
        let parent = self.parents.get(node).and_then(|parent| usize::try_from(*parent).ok());
        if let Some(parent) = parent {
            let counts = self.counts.get_mut(parent * STATUSES..(parent + 1) * STATUSES).unwrap_or_default();
            for (count, more) in counts.iter_mut().zip(all) {
                *count += more;
            }
        }
    }

    fn counts_of(&self, node: usize) -> [u32; STATUSES] {
        let counts = self.counts.get(node * STATUSES..(node + 1) * STATUSES).unwrap_or_default();
        counts.try_into().unwrap_or_default()
    }
}

/// One status for many: theirs if all agree, else the strongest claim that holds for the whole.
fn combine(counts: &[u32; STATUSES]) -> u8 {
    let [_, equivalent, different, only_left, only_right, unread] = *counts;
    let mut present = (0u8..).zip(counts).filter(|(_, count)| **count > 0).map(|(status, _)| status);
    match (present.next(), present.next()) {
        (Some(status), None) => status,
        _ if different + only_left + only_right > 0 => code(Status::Different),
        _ if unread > 0 => code(Status::Unread),
        _ if equivalent > 0 => code(Status::Equivalent),
        _ => code(Status::Identical),
    }
}

/// The path of a member within its container. The container's own path may be that of the other side.
fn member_path<'a>(path: &'a str, container: &str) -> &'a str {
    let within = path.strip_prefix(container).and_then(|rest| rest.strip_prefix("!/"));
    within.or_else(|| path.rsplit_once("!/").map(|(_, rest)| rest)).unwrap_or(path)
}

/// The folders above an entry and its own name.
fn split(path: &str, is_folder: bool) -> (Vec<&str>, &str) {
    // `lib/` and, for the second of its name, `lib/ [2]`.
    let end = match path.rfind('/') {
        Some(slash)
            if is_folder && path.get(slash + 1..).is_some_and(|rest| rest.is_empty() || rest.starts_with(" [")) =>
        {
            slash
        }
        _ => path.len(),
    };
    let mut folders = Vec::new();
    let mut start = 0;
    let head = path.get(..end).unwrap_or(path);
    while folders.len() < MOST_FOLDERS
        && let Some(slash) = head.get(start..).and_then(|rest| rest.find('/'))
    {
        folders.push(head.get(start..start + slash).unwrap_or_default());
        start += slash + 1;
    }
    let name = path.get(start..).unwrap_or_default();
    (folders, name.strip_suffix('/').filter(|_| is_folder).unwrap_or(name))
}

fn info(row: &Row) -> Option<&EntryInfo> {
    row.right.as_ref().or(row.left.as_ref())
}

fn kind(info: &EntryInfo) -> u8 {
    match info.kind {
        Kind::Directory => 0,
        Kind::File if info.format.is_some() => 4,
        Kind::File => 1,
        Kind::Symlink | Kind::Hardlink => 2,
        _ => 3,
    }
}

#[expect(clippy::cast_precision_loss, reason = "shown to a reader, and exact up to 2^53 bytes")]
fn size_of(info: &EntryInfo) -> f64 {
    info.size as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::artifact::Sides;
    use crate::report::{SideInfo, Summary, Verdict};

    fn entry(kind: Kind, format: Option<&str>) -> EntryInfo {
        EntryInfo { size: 7, sha256: None, kind, format: format.map(str::to_owned), stabilized_sha256: None }
    }

    fn row(path: &str, status: Status, parent: Option<u32>) -> Row {
        let kind = if path.ends_with('/') || path.contains("/ [") { Kind::Directory } else { Kind::File };
        let info = entry(kind, path.ends_with(".tgz").then_some("tar+gzip"));
        let causes = if status == Status::Different { vec!["unexplained".to_owned()] } else { Vec::new() };
        Row {
            path: path.to_owned(),
            status,
            causes,
            differs: Vec::new(),
            moved_from: None,
            similarity: None,
            parent,
            left: (status != Status::OnlyRight).then(|| info.clone()),
            right: (status != Status::OnlyLeft).then_some(info),
        }
    }

    fn report(rows: Vec<Row>) -> Report {
        Report {
            redacted: None,
            schema: String::new(),
            verdict: Verdict::Different,
            profile: String::new(),
            disabled: Vec::new(),
            rules: Vec::new(),
            sides: Sides { left: SideInfo::default(), right: SideInfo { name: "b".to_owned(), ..SideInfo::default() } },
            summary: Summary::default(),
            statements: Vec::new(),
            alignments: Vec::new(),
            root: row("", Status::Different, None),
            rows,
            problems: Vec::new(),
            findings: Vec::new(),
            notices: Vec::new(),
            views: Vec::new(),
            ledger: Vec::new(),
            upstream: None,
        }
    }

    /// One line per node: indent, name, row, overall status, and what it holds.
    fn drawn(tree: &Tree) -> String {
        let text: Vec<u16> = String::from_utf8(tree.names.clone()).unwrap().encode_utf16().collect();
        let mut lines = String::new();
        for node in 0..tree.rows.len() {
            let (start, end) = (tree.name_starts[node] as usize, tree.name_starts[node + 1] as usize);
            let counts = &tree.counts[node * STATUSES..(node + 1) * STATUSES];
            let held: u32 = counts.iter().sum();
            lines += &format!(
                "{}{} row {} {}",
                "  ".repeat(tree.depths[node] as usize),
                String::from_utf16(&text[start..end]).unwrap(),
                tree.rows[node],
                ["=", "≈", "≠", "-", "+", "?"][tree.overall[node] as usize],
            );
            if held > 0 {
                lines += &format!(" {counts:?}");
            }
            lines.push('\n');
            assert_eq!(tree.parents[node] < 0, tree.depths[node] == 0);
            assert!(tree.ends[node] as usize > node);
        }
        lines
    }

    fn check(rows: Vec<Row>, expected: &str) {
        let expected: Vec<&str> = expected.lines().map(|line| line.strip_prefix("| ").unwrap_or(line)).collect();
        assert_eq!(drawn(&tree(&report(rows))).lines().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn paths_become_folders_before_files() {
        check(
            vec![
                row("package/index.js", Status::Identical, None),
                row("package/B.js", Status::Different, None),
                row("package/lib/é𝒳.js", Status::OnlyRight, None),
                row("LICENSE", Status::Identical, None),
            ],
            "b row -2 ≠\npackage row -1 ≠ [1, 0, 1, 0, 1, 0]\n|   lib row -1 + [0, 0, 0, 0, 1, 0]\n|     é𝒳.js row 2 +\n\
             |   B.js row 1 ≠\n|   index.js row 0 =\nLICENSE row 3 =",
        );
    }

    #[test]
    fn a_folder_entry_and_its_implied_folder_are_one_node() {
        check(
            vec![
                row("lib/a", Status::Identical, None),
                row("lib/", Status::Equivalent, None),
                row("lib/ [2]", Status::OnlyLeft, None),
            ],
            "b row -2 ≠\nlib row 1 ≈ [1, 0, 0, 0, 0, 0]\n|   a row 0 =\nlib/ [2] row 2 -",
        );
    }

    #[test]
    fn members_of_a_nested_archive_are_below_it_even_under_the_name_of_the_other_side() {
        check(
            vec![
                row("in.tgz", Status::Different, None),
                row("in.tgz!/x", Status::Different, Some(0)),
                row("old.tgz!/y", Status::OnlyLeft, Some(0)),
                row("in.tgz/z", Status::Identical, None),
            ],
            "b row -2 ≠\nin.tgz row -1 = [1, 0, 0, 0, 0, 0]\n|   z row 3 =\nin.tgz row 0 ≠ [0, 0, 1, 1, 0, 0]\n\
             |   x row 1 ≠\n|   y row 2 -",
        );
    }

    #[test]
    fn chains_of_implied_folders_are_one_node_and_depth_is_bounded() {
        check(
            vec![row("a/b/c/d", Status::Unread, None), row("a/b/c/e", Status::Equivalent, None)],
            "b row -2 ≠\na/b/c row -1 ? [0, 1, 0, 0, 0, 1]\n|   d row 0 ?\n|   e row 1 ≈",
        );
        let deep = tree(&report(vec![
            row(&"d/".repeat(10_000), Status::Identical, None),
            row("d/f", Status::Identical, None),
        ]));
        assert!(deep.rows.len() < 10, "{}", deep.rows.len());
        assert!(deep.depths.iter().all(|depth| *depth < 10));
    }

    #[test]
    fn odd_paths_keep_every_part() {
        check(
            vec![
                row("/etc/x", Status::Identical, None),
                row("", Status::Identical, None),
                row("a//b", Status::Identical, None),
            ],
            "b row -2 ≠\n/etc row -1 = [1, 0, 0, 0, 0, 0]\n|   x row 0 =\na/ row -1 = [1, 0, 0, 0, 0, 0]\n|   b row 2 =\n row 1 =",
        );
    }

    #[test]
    fn causes_and_sizes_are_columns() {
        let tree = tree(&report(vec![row("a", Status::Different, None), row("b", Status::OnlyLeft, None)]));
        assert_eq!(tree.cause_ids, ["unexplained"]);
        assert_eq!(tree.cause_starts, [0, 1, 2, 2]);
        assert_eq!(tree.causes, [0, 0]);
        assert_eq!(tree.sizes, [7.0, 7.0, 7.0, 7.0, 7.0, -1.0]);
        assert_eq!(tree.kinds, [1, 1, 1]);
    }
}
