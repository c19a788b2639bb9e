// Makes the pictures that the README shows, when the walk was asked for them.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("../../docs/pictures", import.meta.url));

export async function picture({ pictures }, page, name) {
  if (!pictures) return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, name), animations: "disabled" });
}
