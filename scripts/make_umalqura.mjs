// Write crmmigrate/values/data/umalqura.json: the first days of the years 1300-1600 of the Umm al-Qura
// calendar and their month lengths, as ICU (Unicode-3.0) computes them. Run with: node scripts/make_umalqura.mjs
import { writeFileSync } from "node:fs";

const DAY = 86400000;
const format = new Intl.DateTimeFormat("en-u-ca-islamic-umalqura-nu-latn", {
  timeZone: "UTC", year: "numeric", month: "numeric", day: "numeric",
});
const read = (time) => {
  const parts = Object.fromEntries(format.formatToParts(time).map((p) => [p.type, parseInt(p.value, 10)]));
  return [parts.year ?? parts.relatedYear, parts.month, parts.day];
};

let time = Date.UTC(1882, 10, 1);
while (read(time).join() !== "1300,1,1") time += DAY;
const first = new Date(time).toISOString().slice(0, 10);
const years = [];
for (let year = 1300; year <= 1600; year += 1) {
  let bits = 0;
  for (let month = 1; month <= 12; month += 1) {
    const [, , day] = read(time + 29 * DAY);
    const long = day === 30;
    bits = (bits << 1) | (long ? 1 : 0);
    time += (long ? 30 : 29) * DAY;
  }
  years.push(bits);
}
const target = new URL("../crmmigrate/values/data/umalqura.json", import.meta.url);
writeFileSync(target, JSON.stringify({ first, year: 1300, months: years }) + "\n");

// Month names of the Persian and Islamic calendars in the languages that write them.
const months = { persian: {}, islamic: {} };
const calendars = { persian: "persian", islamic: "islamic-umalqura" };
for (const [name, calendar] of Object.entries(calendars)) {
  for (const language of ["fa", "ar", "en", "ur", "tr", "id", "ms", "ps", "ckb", "bn"]) {
    for (const width of ["long", "short"]) {
      for (const shape of [{ month: width }, { month: width, day: "numeric", year: "numeric" }]) {
        const words = new Intl.DateTimeFormat(`${language}-u-ca-${calendar}-nu-latn`, { ...shape, timeZone: "UTC" });
        const numbers = new Intl.DateTimeFormat(`en-u-ca-${calendar}-nu-latn`, { month: "numeric", timeZone: "UTC" });
        for (let day = 0; day < 800; day += 5) {
          const moment = Date.UTC(2023, 0, 1) + day * DAY;
          const word = words.formatToParts(moment).find((p) => p.type === "month").value;
          if (!/\d/.test(word)) months[name][word.toLowerCase()] = parseInt(numbers.format(moment), 10);
        }
      }
    }
  }
}
const other = new URL("../crmmigrate/values/data/calendar_months.json", import.meta.url);
writeFileSync(other, JSON.stringify(months) + "\n");
