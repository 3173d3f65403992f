//! Builds small packages as rpm lays them out, with whatever is wrong with them.

use sha2::{Digest as _, Sha256};

use crate::display::hex;

/// The data of a tag.
#[derive(Clone, Debug)]
pub(crate) enum Data {
    Text(String),
    Texts(Vec<String>),
    Translated(Vec<String>),
    Bytes(Vec<u8>),
    Half(Vec<u16>),
    Word(Vec<u32>),
    Long(Vec<u64>),
}

pub(crate) fn text(text: &str) -> Data {
    Data::Text(text.to_owned())
}

pub(crate) fn texts<const N: usize>(texts: [&str; N]) -> Data {
    Data::Texts(texts.map(str::to_owned).to_vec())
}

pub(crate) fn words<const N: usize>(words: [u32; N]) -> Data {
    Data::Word(words.to_vec())
}

impl Data {
    /// Type, alignment, number of values, bytes.
    fn parts(&self) -> (u32, usize, usize, Vec<u8>) {
        let ended = |texts: &[String]| texts.iter().flat_map(|text| [text.as_bytes(), b"\0"].concat()).collect();
        match self {
            Self::Text(text) => (6, 1, 1, ended(std::slice::from_ref(text))),
            Self::Texts(texts) => (8, 1, texts.len(), ended(texts)),
            Self::Translated(texts) => (9, 1, texts.len(), ended(texts)),
            Self::Bytes(bytes) => (7, 1, bytes.len(), bytes.clone()),
            Self::Half(numbers) => (3, 2, numbers.len(), numbers.iter().flat_map(|it| it.to_be_bytes()).collect()),
            Self::Word(numbers) => (4, 4, numbers.len(), numbers.iter().flat_map(|it| it.to_be_bytes()).collect()),
            Self::Long(numbers) => (5, 8, numbers.len(), numbers.iter().flat_map(|it| it.to_be_bytes()).collect()),
        }
    }
}

/// A header with these tags, in this order, within a region.
pub(crate) fn header(region: u32, tags: &[(u32, Data)]) -> Vec<u8> {
    let (mut index, mut data) = (Vec::new(), Vec::new());
    let entry = |index: &mut Vec<u8>, numbers: [usize; 4]| {
        index.extend(numbers.into_iter().flat_map(|number| u32::try_from(number).unwrap().to_be_bytes()));
    };
    for (id, value) in tags {
        let (kind, alignment, count, bytes) = value.parts();
        data.resize(data.len().next_multiple_of(alignment), 0);
        entry(&mut index, [*id as usize, kind as usize, data.len(), count]);
        data.extend(bytes);
    }
    let mut first = Vec::new();
    entry(&mut first, [region as usize, 7, data.len(), 16]);
    let back = (u32::try_from(index.len() + first.len()).unwrap()).wrapping_neg();
    data.extend([region, 7, back, 16].iter().flat_map(|number| number.to_be_bytes()));
    let count = u32::try_from(tags.len() + 1).unwrap();
    let length = u32::try_from(data.len()).unwrap();
    [&[0x8e, 0xad, 0xe8, 1, 0, 0, 0, 0], &count.to_be_bytes()[..], &length.to_be_bytes(), &first, &index, &data]
        .concat()
}

/// A package to build: two files, a link and a folder, unless it is changed.
#[derive(Clone)]
pub(crate) struct Build {
    pub(crate) lead: [u8; 96],
    /// Further tags of the signature header.
    pub(crate) signature: Vec<(u32, Data)>,
    pub(crate) tags: Vec<(u32, Data)>,
    pub(crate) payload: Vec<u8>,
    /// Whether the payload's digest is stated.
    pub(crate) sealed: bool,
    /// After everything.
    pub(crate) behind: Vec<u8>,
}

/// Path, mode and content of the files, as list and payload have them.
pub(crate) const FILES: [(&str, u32, &str); 4] = [
    ("/etc/a.conf", 0o100_644, "key\n"),
    ("/usr/bin/a", 0o100_755, "#!/bin/sh\n"),
    ("/usr/bin/b", 0o120_777, "a"),
    ("/usr/share/a", 0o040_755, ""),
];

/// The cpio archive of some files; each is a path, a mode and a content.
pub(crate) fn cpio(files: &[(&str, u32, &str)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut member = |inode: usize, mode: u32, path: &str, content: &str| {
        let numbers = [inode, mode as usize, 0, 0, 1, 7, content.len(), 0, 0, 0, 0, path.len() + 1, 0];
        bytes.extend(numbers.iter().fold("070701".to_owned(), |text, it| text + &format!("{it:08x}")).into_bytes());
        for part in [&format!("{path}\0"), content] {
            bytes.extend(part.as_bytes());
            bytes.resize(bytes.len().next_multiple_of(4), 0);
        }
    };
    for (index, (path, mode, content)) in files.iter().enumerate() {
        member(index + 1, *mode, &format!(".{path}"), content);
    }
    member(0, 0, "TRAILER!!!", "");
    bytes
}

/// The same as a payload of version 6: members are numbers.
pub(crate) fn stripped(files: &[(&str, u32, &str)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (index, (_, _, content)) in files.iter().enumerate() {
        bytes.extend(format!("07070X{index:08x}\0\0").into_bytes());
        bytes.extend(content.as_bytes());
        bytes.resize(bytes.len().next_multiple_of(4), 0);
    }
    let end = cpio(&[]);
    [bytes, end].concat()
}

pub(crate) fn demo() -> Build {
    let mut lead = [0; 96];
    lead[..10].copy_from_slice(&[0xed, 0xab, 0xee, 0xdb, 3, 0, 0, 0, 0, 1]);
    lead[10..17].copy_from_slice(b"a-1.0-2");
    lead[77] = 1;
    lead[79] = 5;
    let digests = FILES.map(|(_, mode, content)| match mode >> 12 {
        8 => hex(&Sha256::digest(content)),
        _ => String::new(),
    });
    let column = |value: fn(&(&str, u32, &str)) -> u32| Data::Word(FILES.iter().map(value).collect());
    let same = |value: &str| Data::Texts(vec![value.to_owned(); FILES.len()]);
    let tags = vec![
        (1000, text("a")),
        (1001, text("1.0")),
        (1002, text("2")),
        (1004, Data::Translated(vec!["A package".to_owned()])),
        (1006, words([1_700_000_000])),
        (1007, text("builder")),
        (1024, text("echo installed\n")),
        (1028, column(|file| u32::try_from(file.2.len()).unwrap())),
        (1030, Data::Half(FILES.iter().map(|file| u16::try_from(file.1).unwrap()).collect())),
        (1034, column(|_| 7)),
        (1035, Data::Texts(digests.to_vec())),
        (1036, texts(["", "", "a", ""])),
        (1037, words([0x11, 0, 0, 0])),
        (1039, same("root")),
        (1040, same("root")),
        (1044, text("a-1.0-2.src.rpm")),
        (1045, column(|_| u32::MAX)),
        (1048, words([0xc, 0x0100_000a])),
        (1049, texts(["bash", "rpmlib(X)"])),
        (1050, texts(["4", "1-1"])),
        (1080, words([86400])),
        (1081, texts(["A Person"])),
        (1082, texts(["- a change\n- another"])),
        (1086, text("/bin/sh")),
        (1096, words([1, 2, 3, 4])),
        (1116, words([0, 1, 1, 2])),
        (1117, texts(["a.conf", "a", "b", "a"])),
        (1118, texts(["/etc/", "/usr/bin/", "/usr/share/"])),
        (1124, text("cpio")),
        (5011, words([8])),
    ];
    Build { lead, signature: Vec::new(), tags, payload: cpio(&FILES), sealed: true, behind: Vec::new() }
}

impl Build {
    /// The same with another value of a tag, or a further tag.
    pub(crate) fn with(mut self, id: u32, data: Data) -> Self {
        self.tags.retain(|(tag, _)| *tag != id);
        self.tags.push((id, data));
        self.tags.sort_by_key(|(tag, _)| *tag);
        self
    }

    pub(crate) fn change(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    /// The same with this payload.
    pub(crate) fn holding(self, payload: Vec<u8>) -> Self {
        Self { payload, ..self }
    }

    /// The main header.
    pub(crate) fn header(&self) -> Vec<u8> {
        let mut sealed = self.clone();
        if self.sealed {
            sealed = sealed.with(5092, texts([&hex(&Sha256::digest(&self.payload))])).with(5093, words([8]));
        }
        header(63, &sealed.tags)
    }

    /// The file; its signature header states right digests unless others are given.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let header = self.header();
        let rest = [&header[..], &self.payload].concat();
        let mut signature = self.signature.clone();
        let usual = [
            (269, Data::Text(hex(&<sha1::Sha1 as sha1::Digest>::digest(&header)))),
            (273, Data::Text(hex(&Sha256::digest(&header)))),
            (1000, words([u32::try_from(rest.len()).unwrap()])),
            (1004, Data::Bytes(<md5::Md5 as md5::Digest>::digest(&rest).to_vec())),
        ];
        for (id, data) in usual {
            if !signature.iter().any(|(tag, _)| *tag == id) {
                signature.push((id, data));
            }
        }
        signature.sort_by_key(|(tag, _)| *tag);
        let mut bytes = [&self.lead[..], &super::testing::header(62, &signature)].concat();
        bytes.resize(bytes.len().next_multiple_of(8), 0);
        bytes.extend(rest);
        bytes.extend(&self.behind);
        bytes
    }
}
