// The two lines that the build puts in front of sw.js.

declare const VERSION: string;
declare const FILES: [path: string, sha256: string][];
