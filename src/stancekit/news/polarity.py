"""The words that take a side, with the side they take toward what they speak of. Lemmas in lower case.

Chosen by hand; a word whose side depends on what follows it ("threaten", "promise") stands in none of the tables.
"""

from stancekit.news.cues import words

# What follows is wanted: the side is that of the words that follow, toward any proposal.
ASKS = words("""
    advise advocate appeal ask beg beseech campaign demand exhort implore insist lobby long move petition plead press prod promise
    propose push recommend request seek suggest urge vow want wish yearn
""")

FAVOURS = ASKS | words("""
    accept adopt agree aim applaud approve back bless celebrate champion cheer commend congratulate defend embrace endorse favor
    favour greet hail hope like love plump praise prefer ratify reaffirm rejoice salute side sign support sympathise sympathize
    thank toast trust uphold welcome
""")

OPPOSES = words("""
    abhor attack balk balked ban bash bemoan berate blame blast block boycott bristle castigate caution complain condemn contest
    counter criticise criticize decry denounce deny deplore deride despise detest disagree disapprove disassociate dislike dismiss
    disown dispute dissent dissociate distance doubt dread fault fear fight forbid fume hate jeer lambast lambaste lament loathe
    mistrust mock object obstruct oppose protest quash question rail rebuff rebuke rebut refute regret reject repudiate resent
    resist ridicule rubbish scoff scorn scrap shun slam slate snub spurn thwart veto warn worry
""")

# Verbs whose preposition or particle decides; these come before the tables above.
PHRASES_FOR = words("""
    appeal call demand desire hope recommendation request urge welcome wish
    agree-to argue-for be-behind be-for bow-to call-for call-on campaign-for come-out decide-for fight-for get-behind lobby-for
    march-for press-for protest-for push-for rally-behind rally-for rule-for side-with sign-up speak-for stand-behind stand-by
    stand-for vote-for warm-to
""")
PHRASES_AGAINST = words("""
    attack complaint disagreement distrust dissatisfaction refusal regret
    argue-against be-against brush-aside brush-off call-off campaign-against cry-off decide-against give-up hit-out lobby-against
    march-against move-against plead-against push-against push-back rally-against rule-against rule-out side-against speak-against
    stand-against take-against throw-out turn-against turn-down vote-against vote-down
""")

# Adjectives, and nouns that one holds, gives or hears: "is wary of", "Moscow's opposition to", "sees no sense in".
FOR = words("""
    appeal call demand desire hope recommendation request urge welcome wish
    acceptance advantage advocate ally appetite applause approval backer backing benefit blessing case confidence consent
    delighted eager endorsement enthusiasm enthusiastic favor favour favourable glad grateful happy hopeful keen merit need
    optimistic plea pleased praise prepared proud ready reason sense solidarity solution support supporter supportive sympathetic
    sympathy use value virtue willing
""")
AGAINST = words("""
    afraid against alarm alarmed anger angry anxious appalled averse boycott concern condemnation contempt cool critic critical
    criticism danger disapproval dismay dismissive displeasure dissent doubt doubtful fault fear furious horrified hostile
    hostility insult lukewarm misgiving mistake nervous objection opponent opposed opposition outrage pessimistic problem protest
    qualm quarrel rejection reluctance reluctant reservation resistance risk scathing sceptical scepticism scornful skeptical
    skepticism suspicion threat unacceptable unconvinced uneasy unfair unhappy unimpressed unmoved unpersuaded unwilling veto
    warning wary worried worry wrong
""")

# Judgements of a thing: "called the plan premature", "said that it was a mistake". The thing is the subject or object beside them.
GOOD = words("""
    achievement advantage answer benefit best boon breakthrough brilliant chance common-sense courageous crucial essential
    excellent fair fairest good great historic indispensable just justified legitimate long-overdue merit milestone necessary need
    needed opportunity overdue progress reasonable right sensible solution sound success unavoidable urgent victory vital welcome
    wise wonderful
""")
BAD = words("""
    absurd abuse bad betrayal blunder catastrophe costly cruel danger dangerous defeat disaster disastrous disgrace disgraceful
    error expensive failure farce folly foolish futile harmful humiliation illegal illegitimate insane insult intolerable
    irresponsible joke mistake mistaken naive needless nonsense one-sided outrage outrageous pointless premature provocation
    provocative rash reckless ridiculous risky scandal shame shameful silly step-backwards stupid surrender theft threat trap
    travesty unacceptable unaffordable unfair unjust unlawful unnecessary unreasonable unthinkable unwise unworkable useless
    vandalism waste wasteful worse worst wrong
""")

# Keeping out: said outright, or as the denial of a choice.
UNDECIDED = words("""
    abstain abstention ambivalent divided hesitate indifferent neutral noncommittal non-committal open-minded split tight-lipped torn
    undecided unsure waver
""")
CHOICES = words("""
    choose comment commit decide declare determine draw elaborate form guess judge prefer pronounce recommend rule say settle
    specify
""")
OPINIONS = words("""
    advice comment decision favourite judgement judgment line mind opinion part position preference side stance stand verdict view
""")
TAKING = words("announce express form give have hold keep make offer reach reserve take venture")

# Still at it, or going to, before a side is taken.
WAITS = words("await examine listen review study wait")

# With an infinitive or "-ing" these turn it round ("refused to back") or leave it open ("stopped short of backing").
REFUSES = words("refuse fail cease neglect forget forgo forswear avoid balk scruple")
HOLDS_BACK = words("decline hesitate hold refrain short shy yet delay defer postpone")
NEGATIONS = words("no not n't n’t never neither nor nobody none nothing few hardly scarcely barely little")

# With a clause these report what somebody holds true, which tells the side by its own words: "warned that the ban would ruin the port".
ASSERTS = words("bristle caution complain counter fume object protest question scoff warn worry")
# What is granted is not what is held: "conceded that it would be costly".
GRANTS = words("acknowledge admit concede grant")
# A denial that one has a side leaves none: "denied that it backs", "denied a report that".
REPORTS = words("allegation claim report rumour suggestion")
