//! Models of zip readers.

use super::Reader;

mod busybox;
mod go;
mod infozip;
mod java;
mod libarchive;
mod node;
mod out;
mod plain;
mod python;
mod raw;
mod rust;
mod sevenzip;
#[cfg(test)]
mod tests;
mod text;

pub(super) use plain::plain;

/// Every model.
pub const READERS: &[Reader] = &[
    Reader { id: "unzip", title: "Info-ZIP unzip 6.0", see: infozip::see },
    Reader { id: "py-zipfile", title: "CPython zipfile 3.11", see: python::see },
    Reader { id: "bsdtar-zip", title: "bsdtar (libarchive 3.6)", see: libarchive::seeking },
    Reader {
        id: "bsdtar-zip-stream",
        title: "bsdtar (libarchive 3.6), from a pipe",
        see: |archive| libarchive::stream(archive),
    },
    Reader { id: "java-zipfile", title: "Java ZipFile 17", see: java::file },
    Reader { id: "java-zipstream", title: "Java ZipInputStream 17", see: java::stream },
    Reader { id: "go-zip", title: "Go archive/zip", see: go::see },
    Reader { id: "rust-zip", title: "Rust zip 9.4", see: rust::archive },
    Reader { id: "rust-zip-stream", title: "Rust zip 9.4, streaming", see: rust::stream },
    Reader { id: "7zz", title: "7-Zip 26", see: sevenzip::see },
    Reader { id: "busybox-unzip", title: "BusyBox unzip 1.35", see: busybox::see },
    Reader { id: "yauzl", title: "yauzl 3", see: node::yauzl },
    Reader { id: "fflate", title: "fflate 0.8", see: node::fflate },
    Reader { id: "adm-zip", title: "adm-zip 0.5", see: node::adm_zip },
    Reader { id: "jszip", title: "JSZip 3", see: node::jszip },
    Reader { id: "unzipper-stream", title: "unzipper 0.12, streaming", see: node::unzipper },
];
