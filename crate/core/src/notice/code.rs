//! What new lines of text do or hide.

use super::{Change, Info, Noticed, has, quoted};

pub(super) const HIDDEN: Info = Info {
    id: "hidden-characters",
    title: "Hidden characters",
    about: "Bidirectional controls, invisible characters and tags make a reader see other text than a program does.",
};
pub(super) const STARTS: Info =
    Info { id: "starts-programs", title: "Starts programs", about: "What it starts need not be in the package." };
pub(super) const SECRETS: Info = Info {
    id: "reads-secrets",
    title: "Names secrets",
    about: "Names of credential files, tokens of services, wallets, and the address where a cloud hands out keys.",
};
pub(super) const OBFUSCATED: Info = Info {
    id: "obfuscated",
    title: "Hard to read",
    about: "Machine-made names, packed blocks, or code far to the right of what a reader sees.",
};

/// Extensions of a language, and words of it.
type Words = (&'static [&'static [u8]], &'static [&'static [u8]]);

/// What starts programs or code, by the languages that have it.
const STARTS_BY: &[Words] = &[
    (
        &[b"js", b"mjs", b"cjs", b"ts", b"jsx", b"tsx"],
        &[
            b"child_process",
            b"eval(",
            b"new Function(",
            b"vm.runIn",
            b"process.binding(",
            b"Bun.spawn",
            b"Deno.Command",
        ],
    ),
    (
        &[b"py", b"pth"],
        &[
            b"subprocess",
            b"os.system",
            b"os.popen",
            b"os.exec",
            b"eval(",
            b"exec(",
            b"marshal.loads",
            b"pickle.loads",
            b"ctypes.",
            b"pty.spawn",
            b"__import__(",
        ],
    ),
    (&[b"rb", b"gemspec"], &[b"Open3", b"system(", b"eval(", b"instance_eval", b"IO.popen", b"Kernel.exec"]),
    (&[b"rs"], &[b"Command::new", b"libloading"]),
    (&[b"php"], &[b"shell_exec", b"passthru(", b"eval(", b"proc_open", b"popen("]),
    (
        &[b"sh", b"bash", b"bat", b"ps1", b"m4", b"ac", b"am", b"cmake", b"mk", b"in", b""],
        &[
            b"eval ",
            b"curl ",
            b"wget ",
            b"| sh",
            b"| bash",
            b"|sh",
            b"|bash",
            b"base64 -d",
            b"Invoke-Expression",
            b"IEX(",
            b"iex(",
        ],
    ),
];

/// What nobody names by chance.
const SECRET_NAMES: &[&[u8]] = &[
    b".npmrc",
    b".pypirc",
    b".git-credentials",
    b".netrc",
    b".aws/credentials",
    b".docker/config.json",
    b".kube/config",
    b".ssh/id_",
    b"id_rsa",
    b"id_ed25519",
    b"NPM_TOKEN",
    b"GITHUB_TOKEN",
    b"GH_TOKEN",
    b"AWS_SECRET_ACCESS_KEY",
    b"AWS_ACCESS_KEY_ID",
    b"PYPI_TOKEN",
    b"TWINE_PASSWORD",
    b"CARGO_REGISTRY_TOKEN",
    b"169.254.169.254",
    b"metadata.google.internal",
    b"Login Data",
    b"wallet.dat",
    b"MetaMask",
    b"window.ethereum",
    b"privateKey",
    b"BEGIN OPENSSH PRIVATE KEY",
    b"BEGIN RSA PRIVATE KEY",
    b"/proc/self/environ",
    b"trufflehog",
];

/// A line from here on is machine-made, in bytes.
const LONG_LINE: usize = 5000;
/// A run of base64 or hex from here on is a block, in bytes.
const LONG_BLOCK: usize = 1000;
/// Blanks before code from here on hide it, in bytes.
const FAR_RIGHT: usize = 200;

pub(super) fn check(noticed: &mut Noticed<'_>, change: &Change<'_>, fresh: &[&[u8]]) {
    hidden(noticed, change, fresh);
    let extension = change.extension();
    let script = change.after.starts_with(b"#!");
    let plain = !change.name().contains(&b'.');
    let words = STARTS_BY.iter().filter(|(extensions, _)| {
        extensions.contains(&extension.as_slice()) && (!extension.is_empty() || (plain && script))
    });
    let starts = words.flat_map(|(_, words)| words.iter()).find(|word| is_new(change, fresh, word));
    if let Some(word) = starts {
        noticed.notice(STARTS, change.at, format_args!("new here: {}", quoted(word)));
    }
    if !is_prose(&extension) {
        let secrets: Vec<String> =
            SECRET_NAMES.iter().filter(|word| is_new(change, fresh, word)).map(|word| quoted(word)).take(4).collect();
        if !secrets.is_empty() {
            noticed.notice(SECRETS, change.at, format_args!("new here: {}", secrets.join(", ")));
        }
        obfuscated(noticed, change, fresh);
    }
}

fn is_new(change: &Change<'_>, fresh: &[&[u8]], word: &[u8]) -> bool {
    fresh.iter().any(|line| has(line, word)) && !change.had(word)
}

/// Text for people: what it names, it does not do.
pub(super) fn is_prose(extension: &[u8]) -> bool {
    matches!(
        extension,
        b"md" | b"txt" | b"rst" | b"adoc" | b"html" | b"htm" | b"map" | b"po" | b"1" | b"3" | b"5" | b"8"
    )
}

fn hidden(noticed: &mut Noticed<'_>, change: &Change<'_>, fresh: &[&[u8]]) {
    let count = |text: &[u8]| {
        let text = String::from_utf8_lossy(text);
        // At the very beginning it is the mark of the encoding.
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        text.chars().filter(|letter| is_hidden(*letter)).count()
    };
    // Nearly all text is ASCII.
    if !fresh.iter().any(|line| !line.is_ascii()) {
        return;
    }
    let (is, was) = (count(&change.after), change.before.as_deref().map_or(0, count));
    if is > was {
        let first = fresh.iter().find_map(|line| {
            String::from_utf8_lossy(line).chars().find(|letter| is_hidden(*letter) && *letter != '\u{feff}')
        });
        let name = first.map_or_else(String::new, |letter| format!(", the first U+{:04X}", u32::from(letter)));
        noticed.notice(HIDDEN, change.at, format_args!("{} more than in A{name}", is - was));
    }
}

/// Characters that change what is seen and are not seen themselves. The joiners of scripts that need them, and the
/// variation selectors of emoji, are ordinary text when they stand alone.
fn is_hidden(letter: char) -> bool {
    matches!(letter,
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200b}' | '\u{2060}'..='\u{2064}' | '\u{feff}'
        | '\u{e0000}'..='\u{e007f}' | '\u{e0100}'..='\u{e01ef}' | '\u{fe00}'..='\u{fe0d}' | '\u{115f}' | '\u{1160}'
        | '\u{3164}' | '\u{ffa0}' | '\u{180e}' | '\u{00ad}')
}

fn obfuscated(noticed: &mut Noticed<'_>, change: &Change<'_>, fresh: &[&[u8]]) {
    let before = change.before.as_deref().unwrap_or_default();
    let longest = |text: &[u8]| text.split(|byte| *byte == b'\n').map(<[u8]>::len).max().unwrap_or_default();
    let names = |text: &[u8]| machine_names(text);
    if fresh.iter().map(|line| names(line)).sum::<usize>() >= 10 && names(before) < 3 {
        noticed.notice(OBFUSCATED, change.at, format_args!("names such as _0x3fa2c1"));
    } else if let Some(block) = fresh.iter().map(|line| longest_block(line)).max().filter(|block| *block >= LONG_BLOCK)
        && longest_block(before) < LONG_BLOCK
        && !has_map(fresh)
    {
        noticed.notice(OBFUSCATED, change.at, format_args!("one word of {block} letters and digits"));
    } else if change.before.is_some() && longest(&change.after) >= LONG_LINE && longest(before) < LONG_LINE / 10 {
        let (is, was) = (longest(&change.after), longest(before));
        noticed.notice(OBFUSCATED, change.at, format_args!("the longest line has {is} bytes, in A {was}"));
    } else if far_right(&change.after) && !far_right(before) {
        noticed.notice(OBFUSCATED, change.at, format_args!("code behind {FAR_RIGHT} blanks or more"));
    }
}

/// Source maps inside scripts are long blocks by nature.
fn has_map(fresh: &[&[u8]]) -> bool {
    fresh.iter().any(|line| longest_block(line) >= LONG_BLOCK && has(line, b"sourceMappingURL="))
}

/// How many names like `_0x3fa2` there are.
fn machine_names(text: &[u8]) -> usize {
    text.windows(7).filter(|part| part.starts_with(b"_0x") && part.iter().skip(3).all(u8::is_ascii_hexdigit)).count()
}

/// The longest run of letters and digits as base64 has them.
fn longest_block(text: &[u8]) -> usize {
    text.split(|byte| !(byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=')))
        .map(<[u8]>::len)
        .max()
        .unwrap_or_default()
}

/// Whether code stands behind so many blanks that no window shows it.
fn far_right(text: &[u8]) -> bool {
    text.split(|byte| *byte == b'\n').any(|line| {
        let code = line.trim_ascii_start();
        let mut blanks = 0;
        // Not what is indented: blanks between two parts of a line.
        for (at, byte) in code.iter().enumerate() {
            if matches!(byte, b' ' | b'\t') {
                blanks += 1;
            } else if blanks >= FAR_RIGHT {
                return code.get(at..).is_some_and(|rest| !rest.is_empty());
            } else {
                blanks = 0;
            }
        }
        false
    })
}
