//! What a search over both artifacts found.

use serde::{Deserialize, Serialize};

use crate::artifact::{Side, Sides};

/// Where a text occurs in names, metadata and contents of both artifacts, at every level.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SearchReport {
    /// `twinspect-search/1`.
    pub schema: String,
    /// What was looked for.
    pub query: String,
    /// Whether that is a regular expression; else it is found as it is, in UTF-8 and in UTF-16.
    pub regex: bool,
    /// Whether `a` and `A` are the same; only ASCII letters are.
    pub ignore_case: bool,
    /// Matches on each side: all of them, listed or not.
    pub matches: Sides<u64>,
    /// Entries with a match on each side.
    pub entries: Sides<u64>,
    /// Contents that were searched; equal ones count once.
    pub contents: u64,
    /// Bytes of them.
    pub bytes: u64,
    /// The entries with a match, in the order of the rows; at most 10 000.
    pub found: Vec<SearchEntry>,
    /// Entries with a match that are not listed.
    pub more: u64,
    /// What could not be searched, or only in part; at most 1000.
    pub not_searched: Vec<NotSearched>,
    /// How many more of them there are.
    pub more_not_searched: u64,
    /// Why the search ended before all contents were searched, if it did.
    pub stopped: Option<String>,
}

/// One entry with a match.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SearchEntry {
    /// The row; `null` for the artifacts themselves. Without a comparison the number of the entry.
    pub row: Option<u32>,
    /// Its path on each side, levels joined by `!/`; `null` where it does not exist.
    pub paths: Sides<Option<String>>,
    /// Matches on each side: all of them.
    pub matches: Sides<u64>,
    /// The first of them.
    pub listed: Vec<SearchMatch>,
}

/// One match: on both sides where the same stands around it there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SearchMatch {
    /// `content`, `name`, or the name of a field.
    pub place: String,
    /// Where it is in A.
    pub left: Option<SearchSpot>,
    /// Where it is in B.
    pub right: Option<SearchSpot>,
    /// What stands there, escaped for display: a part of the line.
    pub excerpt: String,
    /// Two UTF-16 offsets into `excerpt`: the match.
    pub mark: Vec<u32>,
    /// `UTF-16LE` or `UTF-16BE` where it is stored so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
}

/// Where in a content a match is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SearchSpot {
    /// Byte offset in the decoded content.
    pub offset: u64,
    /// Number of the line, from 1, in a text.
    pub line: Option<u64>,
}

/// An entry that could not be searched, or only in part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotSearched {
    /// In which artifact.
    pub side: Side,
    /// Its path there.
    pub path: String,
    /// Why.
    pub reason: String,
}
