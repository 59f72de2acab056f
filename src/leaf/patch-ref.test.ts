import { expect, test } from 'vitest';
import { countPatch } from './patch-ref.ts';

test('lines are counted within their hunks only', () => {
  const patch = `diff --git a/a.txt b/a.txt
index 1..2 100644
--- a/a.txt
+++ b/a.txt
@@ -1,3 +1,3 @@ --- heading
 same
--- old
-old
+++ new
+new
\\ No newline at end of file
diff --git a/b.bin b/b.bin
new file mode 100644
GIT binary patch
literal 3
+cat

diff --git a/c.txt b/c.txt
deleted file mode 100644
--- a/c.txt
+++ /dev/null
@@ -1 +0,0 @@
-diff --git x y
`;
  expect(countPatch(Buffer.from(patch))).toEqual({ files: 3, added: 2, removed: 3 });
  expect(countPatch(new Uint8Array())).toEqual({ files: 0, added: 0, removed: 0 });
});
