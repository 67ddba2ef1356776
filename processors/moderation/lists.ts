// The built-in lists: plain threats, statements and requests that mean what they say in nearly every context. They leave
// out single words that news, medicine and fiction use as well, and do not collect slurs. Read by ../moderation.ts.

/** Phrases by list, in English. */
export const LISTS = {
  violence: phrases(`
    i will kill you, i'll kill you, i am going to kill you, i'm going to kill you, im going to kill you, i'm gonna kill you,
    i want to kill you, i will kill him, i will kill her, i will kill them, i'll kill him, i'll kill her, i'll kill them,
    i want to kill him, i want to kill her, i want to kill them, kill them all, you will die for this, i will murder you,
    i'll murder you, i will shoot you, i'll shoot you, i will stab you, i'll stab you, i will strangle you, i will beat you,
    i'll beat you up, beat you to death, stab you to death, slit your throat, cut your throat, slit his throat,
    slit her throat, burn you alive, burned alive, i will torture you, i will rape you, i'll rape you, break your legs,
    put a bullet in your head, bullet in your head, shoot up the school, shoot up a school, shoot up my school, plant a bomb,
    blow up the school, blow up the building, massacre them, behead you, hire a hitman, hire a hit man
  `),
  'self-harm': phrases(`
    kill myself, killing myself, end my life, ending my life, take my own life, taking my own life, end it all, i want to die,
    i wanna die, i just want to die, wish i was dead, wish i were dead, better off dead, better off without me,
    no reason to live, don't want to live anymore, dont want to live anymore, do not want to live anymore,
    don't want to be alive, commit suicide, committing suicide, thinking about suicide, thoughts of suicide,
    suicidal thoughts, i am suicidal, i'm suicidal, im suicidal, feeling suicidal, suicide note, suicide methods,
    suicide method, painless way to die, painless ways to die, easiest way to die, hang myself, shoot myself, drown myself,
    slit my wrists, cut my wrists, cut myself, cutting myself, hurt myself, hurting myself, harm myself, harming myself,
    burn myself, burning myself, starve myself, starving myself, make myself throw up, make myself vomit, how to overdose,
    overdose on pills, pro-ana, thinspo
  `),
  hate: phrases(`
    heil hitler, sieg heil, hitler was right, hitler did nothing wrong, gas the jews, kill all jews, kill the jews,
    death to jews, death to all jews, exterminate the jews, jews control the, jews run the, holocaust never happened,
    holocaust is a hoax, kill all muslims, death to all muslims, muslims are terrorists, all muslims are, kill all blacks,
    kill all black people, black people are inferior, blacks are inferior, kill all gays, gays should die, kill all whites,
    kill all immigrants, kill all women, women are inferior, women are property, immigrants are vermin,
    immigrants are animals, immigrants are parasites, subhuman race, inferior race, master race, white power,
    white supremacy is, race war now, white genocide, go back to africa, go back to your country, should be lynched,
    deserve to be gassed
  `),
  harassment: phrases(`
    kill yourself, kys, go kill yourself, go die, you should die, you deserve to die, i hope you die, hope you get raped,
    nobody loves you, no one loves you, nobody would miss you, you are worthless, you're worthless, you are pathetic,
    you're pathetic, you are disgusting, you're disgusting, you are an idiot, you're an idiot, you stupid bitch, stupid bitch,
    dumb bitch, ugly bitch, stupid cunt, fucking idiot, fucking moron, fucking retard, piece of shit, fuck you,
    go fuck yourself, shut the fuck up, shut up bitch, i will find you, i will ruin your life
  `),
  sexual: phrases(`
    blowjob, blow job, handjob, hand job, deepthroat, gangbang, cumshot, creampie, anal sex, oral sex, rough sex,
    have sex with me, sex with me, sex scene, sex story, sex slave, erotic story, erotica, erotic roleplay, hentai, porn,
    porno, pornographic, xxx video, send nudes, nude pics, naked pics, masturbate, masturbating, masturbated, hard cock,
    his cock, my cock, your cock, her pussy, my pussy, your pussy, wet pussy, her tits, your tits, big tits, her clit,
    fuck me, fuck her, fucked her, fucking her, fucks her, cum inside, make me cum, horny, dildo, butt plug, bdsm, threesome,
    orgy, milf, strips naked, suck my dick, sucking his
  `),
  'sexual-minors': phrases(`
    child porn, child pornography, kiddie porn, kiddy porn, csam, cp links, sex with a minor, sex with minors,
    sex with a child, sex with children, sex with kids, sexually attracted to children, sexually attracted to kids,
    underage sex, underage porn, underage nudes, underage girl naked, nude children, naked children, naked child,
    preteen nudes, preteen porn, lolicon, shotacon, loli porn, jailbait, teen porn, little girl naked, molest a child,
    molest children, molesting children
  `),
  illicit: phrases(`
    how to make a bomb, how to build a bomb, how to make a pipe bomb, how to build a pipe bomb, how to make explosives,
    make napalm, how to make a molotov, how to make meth, how to cook meth, cook meth, synthesize meth,
    synthesize methamphetamine, how to make ricin, how to make sarin, synthesize sarin, nerve agent synthesis,
    how to poison someone, how to kill someone, how to kill a person, how to murder someone, how to hide a body,
    how to dispose of a body, get rid of a dead body, how to launder money, how to counterfeit, counterfeit money,
    buy a fake passport, fake passport, stolen credit card numbers, buy stolen credit cards, how to buy a gun illegally,
    how to buy drugs online, untraceable gun, ghost gun, how to stalk someone, date rape drug, how to drug someone,
    how to steal a car, how to rob a bank, write ransomware, write a keylogger, ddos attack on, phishing email that,
    phishing page
  `),
} as const

/** The name of a list; findings carry it as their type. */
export type ListName = keyof typeof LISTS

/** Every list. */
export const LIST_NAMES = Object.keys(LISTS) as readonly ListName[]

function phrases(text: string): readonly string[] {
  return text.trim().split(/\s*,\s*/)
}
