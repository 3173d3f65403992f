//! The lexer over all languages: what is coloured, and that whatever comes it stays in order and linear.

use super::*;
use crate::syntax::languages::LANGUAGES;
use crate::syntax::{code, recognise};

/// A text with its tokens drawn: `c(…)` a comment, `s` a string, `k` a keyword, `n` a number, `a` a name, `h` a heading.
fn drawn(path: &str, text: &str) -> String {
    let Some(language) = recognise(path.as_bytes(), text.as_bytes()) else { return text.to_owned() };
    let mut state = State::default();
    let lines = text.split('\n').map(|line| {
        let (mut drawing, mut at) = (String::new(), 0);
        for Token { kind, range } in tokens(language, &mut state, line.as_bytes(), false) {
            let letter = ["c", "s", "k", "n", "a", "h"][kind as usize];
            drawing += &format!("{}{letter}({})", &line[at..range.start], &line[range.clone()]);
            at = range.end;
        }
        drawing + &line[at..]
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn check(path: &str, text: &str, expected: &str) {
    assert_eq!(drawn(path, text), expected, "{path}");
}

#[test]
fn scripts() {
    check("a.js", "const a = 0x1F; // one", "k(const) a = n(0x1F); c(// one)");
    check(
        "a.js",
        "f({ key: 'a\\'b', \"k\": `x`, y: z ? b : c })",
        "f({ a(key): s('a\\'b'), a(\"k\"): s(`x`), a(y): z ? b : c })",
    );
    check("a.js", "x = `a ${b + `c${d}` } e\nf` + 1", "x = s(`a ${)b + s(`c${)ds(}`) s(} e)\ns(f`) + n(1)");
    check("a.js", "a.default /b/ 2; x = /[/\"]/g.test(a)", "a.default /b/ n(2); x = s(/[/\"]/g).test(a)");
    check(
        "a.js",
        "if (a) /x'/.test(b); (a) / 2 / c; i++ / 2 / d",
        "k(if) (a) s(/x'/).test(b); (a) / n(2) / c; i++ / n(2) / d",
    );
    check("a.js", "x = a / b", "x = a / b");
    check("a.js", "return / 2", "k(return) / n(2)");
    check("a.js", "/* a\n * b */ c", "c(/* a)\nc( * b */) c");
    check("a.js", "'open\nnext", "s('open)\nnext");
    check("a.js", "'open\\\nnext' + a", "s('open\\)\ns(next') + a");
    check("a.jsx", "return <b c=\"d\">{e}</b>", "k(return) k(<b) c=s(\"d\")>{e}k(</b)>");
    check("a.ts", "@dec() class A { b: number; }", "a(@dec)() k(class) A { a(b): k(number); }");
    check("tool", "#!/usr/bin/env node\nvar a", "c(#!/usr/bin/env node)\nk(var) a");
}

#[test]
fn data_and_settings() {
    check("a.json", "{\"a\": \"b:c\", \"d\":[1.5e-3,true]}", "{a(\"a\"): s(\"b:c\"), a(\"d\"):[n(1.5e-3),k(true)]}");
    check("a.yaml", "- a b: it's 'x' # y\n  u: http://z", "- a(a b): it's s('x') c(# y)\n  a(u): http://z");
    check("a.yml", "run: |\n  if: x\n\n  y\nnext: 1", "a(run): |\n  s(if: x)\n\n  s(y)\na(next): n(1)");
    check("a.yml", "\"a\": true", "a(\"a\"): k(true)");
    check("Cargo.toml", "[a]\nb = \"\"\"\nc = 1\n\"\"\" # d", "k([a])\na(b) = s(\"\"\")\ns(c = 1)\ns(\"\"\") c(# d)");
    check("a.ini", "; c\n[s]\nk = v # no", "c(; c)\nk([s])\na(k) = v # no");
    check("METADATA", "Name: six\n and: more", "a(Name): six\n and: more");
    check("Makefile", "all: a\n\tfor: b # c", "a(all): a\n\tfor: b c(# c)");
}

#[test]
fn programs() {
    check("a.py", "def f(x): # c\n  '''a\n  b''' + r'x'", "k(def) f(x): c(# c)\n  s('''a)\ns(  b''') + rs('x')");
    check("a.py", "@a.b\nx = 1_0.5", "a(@a.b)\nx = n(1_0.5)");
    check("a.rs", "fn f<'a>(x: &'a str) -> char { 'x' }", "k(fn) f<'a>(x: &'a k(str)) -> k(char) { s('x') }");
    check("a.rs", "r#\"a\"b\"# /* /* c */ */ 0..10 '\\''", "s(r#\"a\"b\"#) c(/* /* c */ */) n(0)..n(10) s('\\'')");
    check(
        "a.cpp",
        "#include <a>\nR\"x(a\n)\" )x\" 1'000 'c'",
        "k(#include) <a>\ns(R\"x(a)\ns()\" )x\") n(1'000) s('c')",
    );
    check(
        "a.java",
        "@Override String s = \"\"\"\n  a\n  \"\"\";",
        "a(@Override) String s = s(\"\"\")\ns(  a)\ns(  \"\"\");",
    );
    check("a.go", "var a = `x\n\\` + 'c'", "k(var) a = s(`x)\ns(\\`) + s('c')");
    check(
        "a.rb",
        "=begin\na\n=end\nf(<<~A, b: 1)\n x\n A\nx << y",
        "c(=begin)\nc(a)\nc(=end)\nf(s(<<~A), a(b): n(1))\ns( x)\ns( A)\nx << y",
    );
    check("a.sh", "A=1 cat <<'E' $# # c\n$x\nE\nfi", "a(A)=n(1) cat s(<<'E') $# c(# c)\ns($x)\ns(E)\nk(fi)");
    check("a.sh", "cat <<< 'a'\necho $((1<<2))", "cat <<< s('a')\necho $((n(1)<<n(2)))");
}

#[test]
fn markup_and_styles() {
    check(
        "a.css",
        "@media x{a:hover{color:red;m:-1.5em/*c*/}}",
        "k(@media) x{a(a):hover{a(color):red;a(m):-n(1.5em)c(/*c*/)}}",
    );
    check(
        "a.html",
        "<!-- a\n--> <p id=\"b\n\">x's</p>",
        "c(<!-- a)\nc(-->) k(<p) a(id)=s(\"b)\ns(\")>x's</p>".replace("</p>", "k(</p)>").as_str(),
    );
    check("a.html", "<script a>'</b>\n</script><i>", "k(<script) a(a)>'</b>\nk(</script)>k(<i)>");
    check("a.xml", "<?xml v?><![CDATA[<a>]]><script/>a<b", "k(<?xml) a(v)?>s(<![CDATA[<a>]]>)k(<script)/>ak(<b)");
    check(
        "a.md",
        "# H\na `b` ``c`d`` `e\n~~~\n# x\n~~~\n#no",
        "h(# H)\na s(`b`) s(``c`d``) `e\ns(~~~)\ns(# x)\ns(~~~)\n#no",
    );
}

#[test]
fn another_name_has_no_colours() {
    let text = "const a = 'b'; // c\n# d\n<e f=\"g\">\n";
    for path in ["a.txt", "a", "LICENSE", "a.js.bak", "js", "a.", "a.js/b"] {
        assert_eq!(drawn(path, text), text, "{path}");
    }
}

#[test]
fn a_window_has_the_tokens_that_the_whole_has() {
    let language = recognise(b"a.js", b"").unwrap();
    let lines: Vec<String> =
        (0..2000).map(|at| ["/* a", "b */ 'c'", "`${", "1}", "x`; /y/"][at % 5].to_owned()).collect();
    let line = |at: usize| (lines[at].as_bytes(), false);
    let whole = Colours::new(language).window(0..2000, line);
    let mut colours = Colours::new(language);
    for start in [1990, 256, 255, 257, 0, 1030, 512] {
        assert_eq!(colours.window(start..start + 10, line), whole[start..start + 10], "{start}");
    }
    // A late line is found from a state near it.
    code::tests::steps();
    colours.window(1990..2000, line);
    assert!(code::tests::steps() < 256 * 12);
}

/// In order, inside the line, apart, none empty.
fn is_well_formed(tokens: &[Token], line: &[u8]) -> bool {
    let ends = [0].into_iter().chain(tokens.iter().map(|token| token.range.end));
    ends.zip(tokens).all(|(end, token)| end <= token.range.start && !token.range.is_empty())
        && tokens.last().is_none_or(|token| token.range.end <= line.len())
}

#[test]
fn whatever_comes_tokens_are_in_order_inside_the_line_and_apart() {
    let parts: &[&str] = &[
        "\"",
        "'",
        "`",
        "\"\"\"",
        "/*",
        "*/",
        "//",
        "#",
        "${",
        "}",
        "{",
        "(",
        ")",
        "[",
        "]",
        "<",
        "<<A",
        "<<-'B'",
        "A",
        "\\",
        "r#\"",
        "R\"x(",
        ")x\"",
        "=begin",
        "=end",
        "<!--",
        "-->",
        "<![CDATA[",
        "]]>",
        "<script>",
        "</script",
        "```",
        "~~~",
        "key:",
        "a = ",
        " ",
        "\t",
        "1.5e",
        "0x",
        "if(",
        "/",
        "|",
        "- ",
        "@a",
        "ü",
        "\u{202e}",
        "\u{fffd}",
        ">",
        ";",
        ",",
    ];
    for seed in 1..=40u64 {
        let mut random = crate::compare::Random(seed);
        for language in LANGUAGES {
            let mut state = State::default();
            for _ in 0..40 {
                let mut line = Vec::new();
                for _ in 0..random.below(12) {
                    match random.below(12) {
                        0 => line.push(u8::try_from(random.below(256)).unwrap()),
                        _ => line.extend_from_slice(parts[random.below(parts.len())].as_bytes()),
                    }
                }
                let found = tokens(language, &mut state, &line, random.below(3) == 0);
                assert!(
                    is_well_formed(&found, &line),
                    "{} {:?} {found:?}",
                    language.id,
                    line.escape_ascii().to_string()
                );
                assert!(state.holes.len() <= 32 && state.waiting.len() <= 32);
            }
        }
    }
}

#[test]
fn the_work_grows_with_the_length_and_no_faster() {
    let repeated = [
        "\"\"\"",
        "/*/*",
        "/*",
        "*/",
        "'",
        "\"",
        "`",
        "`${",
        "${",
        "{",
        "}",
        "(",
        ")",
        "/",
        "/[",
        "/ ",
        "a / ",
        "= /",
        "<<A ",
        "<",
        "<a ",
        "</",
        "<!--",
        "<![CDATA[",
        "r#\"",
        "r###",
        "R\"(",
        "R\"aaaaaaaaaaaaaaa",
        "#",
        " #",
        "# ",
        "\\",
        "a:",
        "a : ",
        "a    ",
        "\"a\"   ",
        "{\"a\" ",
        "key=",
        "-",
        "- ",
        "` `` ``` ",
        "'a",
        "1'",
        "1e+",
        "@",
        "@a",
        "|",
        " ",
        "\t",
        ";",
        "=begin",
        "\u{fc}",
    ];
    for language in LANGUAGES {
        for part in repeated {
            let steps = |count: usize, one_line: bool| {
                code::tests::steps();
                let mut state = State::default();
                if one_line {
                    tokens(language, &mut state, part.repeat(count).as_bytes(), false);
                } else {
                    for _ in 0..count {
                        tokens(language, &mut state, part.as_bytes(), false);
                    }
                }
                code::tests::steps()
            };
            for one_line in [true, false] {
                let (short, long) = (steps(1000, one_line), steps(4000, one_line));
                assert!(long <= 5 * short + 100, "{} {part:?}: {short} steps, then {long}", language.id);
            }
        }
    }
}
