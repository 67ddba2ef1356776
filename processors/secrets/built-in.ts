// The rules of the house: shapes of credentials as their vendors document them, private keys, JSON web tokens, passwords in
// URLs, and what is assigned to a name that promises a secret. Called by ../secrets.ts.
import { type Allow, type Recipe, Rule } from './rule.ts'

const raw = String.raw

/** What stands in documentation where a secret would be. */
const PLACEHOLDERS: Allow = {
  words: [
    'example', 'xxxx', 'your', 'changeme', 'change-me', 'change_me', 'placeholder', 'redacted', '00000000',
    '1234567890', 'abcdefgh',
  ],
}

/**
 * Shapes that begin with something that nothing else begins with: `[pattern, ...keywords]`. None begins before its keyword, so
 * that a stream waits only where one has begun.
 */
const API_KEYS: readonly (readonly [pattern: string, ...keywords: string[]])[] = [
  // Clouds.
  [raw`(?:AKIA|ASIA)[A-Z2-7]{16}\b`, 'akia', 'asia'],
  [raw`AIza[\w-]{35}`, 'aiza'],
  [raw`GOCSPX-[\w-]{28}`, 'gocspx-'],
  [raw`ya29\.[\w-]{20,}`, 'ya29.'],
  [raw`do[opr]_v1_[0-9a-f]{64}\b`, 'doo_v1_', 'dop_v1_', 'dor_v1_'],
  [raw`HRKU-[\w-]{50,70}`, 'hrku-'],
  [raw`fm[12][ar]?_[0-9A-Za-z+/]{100,}={0,3}`, 'fm1a_', 'fm1r_', 'fm2_'],
  // Models.
  [raw`sk-(?:(?:proj|svcacct|admin|ant|or|lf)-[\w-]{30,250}|[0-9A-Za-z]{32,64}\b)`, 'sk-'],
  [raw`hf_[A-Za-z]{30,40}\b`, 'hf_'],
  [raw`gsk_[0-9A-Za-z]{40,60}\b`, 'gsk_'],
  [raw`xai-[0-9A-Za-z]{70,90}\b`, 'xai-'],
  [raw`pplx-[0-9A-Za-z]{40,60}\b`, 'pplx-'],
  [raw`r8_[0-9A-Za-z]{37}\b`, 'r8_'],
  [raw`lsv2_(?:pt|sk)_[0-9a-f]{32}_[0-9a-f]{10}\b`, 'lsv2_pt_', 'lsv2_sk_'],
  // Code and packages.
  [raw`gh[oprsu]_[0-9A-Za-z]{36,255}`, 'gho_', 'ghp_', 'ghr_', 'ghs_', 'ghu_'],
  [raw`github_pat_\w{36,255}`, 'github_pat_'],
  [raw`gl(?:pat|dt|rt|cbt|ptt|ft|imt|agent|soat|oas|ffct)-[\w-]{20,300}(?:\.[0-9a-z]{9})?`,
    'glpat-', 'gldt-', 'glrt-', 'glcbt-', 'glptt-', 'glft-', 'glimt-', 'glagent-', 'glsoat-', 'gloas-', 'glffct-'],
  [raw`npm_[0-9A-Za-z]{36}\b`, 'npm_'],
  [raw`pypi-AgE[\w-]{50,}`, 'pypi-age'],
  [raw`rubygems_[0-9a-f]{48}\b`, 'rubygems_'],
  [raw`cio[0-9A-Za-z]{32}\b`, 'cio'],
  [raw`dckr_pat_[\w-]{27,40}`, 'dckr_pat_'],
  [raw`ATATT3[\w-]{100,250}(?:=[0-9A-F]{8})?`, 'atatt3'],
  [raw`pul-[0-9a-f]{40}\b`, 'pul-'],
  [raw`hv[brs]\.[\w-]{24,300}`, 'hvb.', 'hvr.', 'hvs.'],
  [raw`sbp_[0-9a-f]{40}\b`, 'sbp_'],
  [raw`pscale_(?:tkn|pw|oauth)_[\w=.-]{32,64}`, 'pscale_tkn_', 'pscale_pw_', 'pscale_oauth_'],
  [raw`dp\.(?:pt|st|sa|ct|scim|audit)\.[0-9A-Za-z._-]{40,80}`, 'dp.pt.', 'dp.st.', 'dp.sa.', 'dp.ct.', 'dp.scim.', 'dp.audit.'],
  [raw`ops_eyJ(?:[0-9A-Za-z+/]{250,}={0,3}|[\w-]{250,})`, 'ops_eyj'],
  // Money, mail and talk.
  [raw`[rs]k_(?:live|test|prod)_[0-9A-Za-z]{10,250}`, 'rk_live_', 'rk_test_', 'rk_prod_', 'sk_live_', 'sk_test_', 'sk_prod_'],
  [raw`whsec_[0-9A-Za-z+/]{24,100}={0,2}`, 'whsec_'],
  [raw`sq0(?:atp|csp)-[\w-]{22,43}`, 'sq0atp-', 'sq0csp-'],
  [raw`shp(?:at|ca|pa|ss)_[0-9A-Fa-f]{32}\b`, 'shpat_', 'shpca_', 'shppa_', 'shpss_'],
  [raw`SG\.[\w-]{16,32}\.[\w-]{32,64}`, 'sg.'],
  [raw`SK[0-9a-f]{32}\b`, 'sk'],
  [raw`key-[0-9a-z]{32}\b`, 'key-'],
  [raw`xox[abeoprs](?:\.xox[bp])?-[0-9A-Za-z-]{10,250}`,
    'xoxa-', 'xoxb-', 'xoxe-', 'xoxe.xox', 'xoxo-', 'xoxp-', 'xoxr-', 'xoxs-'],
  [raw`xapp-\d-[0-9A-Z]{5,20}-\d{5,20}-[0-9a-f]{20,100}`, 'xapp-'],
  [raw`hooks\.slack\.com/(?:services|workflows|triggers)/[0-9A-Za-z+/]{30,80}`, 'hooks.slack.com/'],
  // Work.
  [raw`glsa_\w{32,60}`, 'glsa_'],
  [raw`glc_[0-9A-Za-z+/]{32,400}={0,3}`, 'glc_'],
  [raw`sntry(?:s_[0-9A-Za-z+/]{20,500}={0,2}_[0-9A-Za-z+/]{43}|u_[0-9a-f]{64}\b)`, 'sntrys_', 'sntryu_'],
  [raw`NRAK-[0-9A-Z]{27}\b`, 'nrak-'],
  [raw`dapi[0-9a-f]{32}(?:-\d)?\b`, 'dapi'],
  [raw`lin_api_[0-9A-Za-z]{40}\b`, 'lin_api_'],
  [raw`ntn_[0-9A-Za-z]{40,60}\b`, 'ntn_'],
  [raw`figd_[\w-]{40,60}`, 'figd_'],
  [raw`PMAK-[0-9a-f]{24}-[0-9a-f]{34}\b`, 'pmak-'],
  [raw`pat[0-9A-Za-z]{14}\.[0-9a-f]{64}\b`, 'pat'],
  [raw`pat-(?:na|eu|ap)\d-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b`, 'pat-na', 'pat-eu', 'pat-ap'],
  [raw`tskey-[a-z]{2,10}-[\w-]{20,80}`, 'tskey-'],
]

/** A quote, behind a backslash where the text is a JSON string within another. */
const QUOTE = '(?:\\\\?["\'\\x60])'
/** What leads from a name to its value. */
const IS = raw`${QUOTE}?\]?\s{0,3}(?:=>|:=|={1,3}|:|\bis\b)\s{0,3}${QUOTE}?`
/** What a value must not go on with. */
const ENDS = raw`(?:["'\x60\s,;<>(){}\[\]\\&|]|$)`

const OTHERS: readonly Recipe[] = [
  // Behind the name of a bot or a team, which is no secret.
  { type: 'api-key', pattern: raw`\d:(AA[\w-]{33})`, keywords: [':aa'] },
  { type: 'api-key', pattern: raw`\.atlasv1\.([\w-]{60,70})`, keywords: ['.atlasv1.'] },
  {
    type: 'private-key',
    // Without its last line as well: an answer may end before that, and most of a key is too much of it.
    pattern: raw`-----BEGIN[ 0-9A-Z]{0,40}PRIVATE KEY(?: BLOCK)?-----(?:\s|\\[nr])*`
      + raw`(?:[A-Za-z][A-Za-z-]{2,19}: [^\n\r\\]{0,100}(?:\s|\\[nr])+){0,6}`
      + raw`[0-9A-Za-z+/=](?:[0-9A-Za-z+/=\s]|\\[nr]){39,}(?:-----END[ 0-9A-Z]{0,60}-----)?`,
    keywords: ['-----begin'],
  },
  { type: 'private-key', pattern: raw`Private-Lines: \d{1,3}\s+([0-9A-Za-z+/=][0-9A-Za-z+/=\s]{39,})`, keywords: ['private-lines:'] },
  { type: 'private-key', pattern: raw`AGE-SECRET-KEY-1[0-9A-Z]{58}\b`, keywords: ['age-secret-key-1'], apart: true },
  { type: 'jwt', pattern: raw`eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}`, keywords: ['eyj'], apart: true },
  {
    type: 'password',
    pattern: raw`://[^\s/?#:@"'<>]{0,64}:([^\s/?#@"'<>]{3,128})@[\w.\[-]`,
    keywords: ['://'],
    allow: [PLACEHOLDERS, { patterns: [raw`^[$%{(\[]`, raw`^[*.]+$`, '^x+$', '(?i)^(?:pass(?:word|wd)?|pwd|secret|token)$'] }],
  },
  {
    type: 'password',
    pattern: raw`(?i)(?:password|passwd|passphrase|pwd)[\w-]{0,20}${IS}([^\s"'\x60,;<>(){}\[\]\\&|$%]{6,128})${ENDS}`,
    keywords: ['password', 'passwd', 'passphrase', 'pwd'],
    entropy: 2,
    // A word is a word, in prose and in code; places of files and addresses are what they are.
    allow: [PLACEHOLDERS, { patterns: [raw`^[^0-9]+$`, raw`^[/~.]`, '://', raw`^[A-Za-z_]+[.:]`] }],
    score: 0.5,
  },
  {
    type: 'secret',
    pattern: raw`(?i)authorization${IS}(?:bearer|basic|token)\s{1,3}([\w+/.~-]{16,}={0,2})`,
    keywords: ['authorization'],
    entropy: 3,
    allow: [PLACEHOLDERS, { patterns: [raw`^[^0-9]+$`] }],
  },
  {
    type: 'secret',
    pattern: raw`(?i)(?:secret|token|credential|(?:api|access|account|auth|encryption|master|private|signing)[ _-]?key)`
      + raw`[\w-]{0,20}${IS}([\w+/.~-]{16,200}={0,2})${ENDS}`,
    keywords: [
      'secret', 'token', 'credential',
      ...['api', 'access', 'account', 'auth', 'encryption', 'master', 'private', 'signing']
        .flatMap(word => ['', ' ', '_', '-'].map(joint => `${word}${joint}key`)),
    ],
    entropy: 3.2,
    // Words and names of things, joined as they are; UUIDs, which are identifiers far more often than secrets.
    allow: [PLACEHOLDERS, {
      patterns: [
        raw`^[^0-9]+$`, raw`^[^A-Za-z]+$`, raw`(?i)^[/.]?[a-z]{2,}\d{0,3}[a-z]?(?:[/._-]v?(?:[a-z]{2,}\d{0,3}|\d{1,4}))*$`,
        raw`(?i)^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`,
      ],
    }],
    score: 0.5,
  },
]

/** The rules of the house. */
export function builtIn(): Rule[] {
  return [
    ...API_KEYS.map(([pattern, ...keywords]) => (
      new Rule({ type: 'api-key', pattern, keywords, apart: true, entropy: 2.5, allow: [PLACEHOLDERS] })
    )),
    ...OTHERS.map(recipe => new Rule(recipe)),
  ]
}
