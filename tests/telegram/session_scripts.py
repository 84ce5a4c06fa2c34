"""What a subscriber types and presses in the sessions: every command right, wrong and odd."""

from __future__ import annotations

FIRST_MINUTES = """
/start ref_abc123
hello
help
/help
/helpp
/statsu
/subscribe everything
/subscribe
/subscribe tag:russell
/subscribe iwm-break
/subscribe iwm-resistence-braek
/subscribe banana
/start russell-record
/start
* Choose
* ✅ Everything
* ▫️ High severity
"""
ODD = """
/start@NAME true
/Start ref_x
/HELP
/help levels
/help /mute
/help banana
mute
price
price is high
thanks
🙂
/ help
/risk banana
/liquidity
/liquidity now
/claims
/claims banana
/scorecard banana
/status please
/tell
/tell IWM 120
/tell when ^rut below 40
/tell me when IWM rises above 300
/tell IWM over 90
/tell IWM < 200
/tell IWM
/tell IWM banana
/tell dog 5
/tell delete 99
/tell
* ✖ IWM (Russell 2000 ETF) 120.00
/mute 1h30m
/mute 0h russell-claimed
/mute -1h
/mute until friday
/mute tag:russell 2h
/unmute
/unmute 1h
/unmute iwm
/subscribe tag:russell
/subscribe tag:
/subscribe tag:banana
/subscribe severity:high
/unsubscribe tag:russell
/unsubscribe btc-weekly
/stop
/forget
"""
DEPTH = """
/rules weekly
/rules iwm-resistance
/why weekly
/why iwm-resistance
/why russell-claimed today
/evidence btc-weekly
/evidence btc-weekly BTC details
/evidence btc-weekly placebo
/evidence btc-weekly SHIB
/evidence btc-weekly ETH SHIB
/evidence SHIB btc-weekly
/levels IWM 5
/levels BTC
/chart IWM 1y
/alerts 5
/crypto 7d
/crypto now
/settings severity banana
/settings sound loud
/settings quiet 22:00 07:00
/settings quiet from 10pm to 7am
/settings quiet 25-7
/settings digest sometimes
/settings pictures pink
/settings zone
/settings banana
"""
SPOKEN = """
/timezone Berlin
/quiet 22-7
/quiet
/digest weekly mon 9:00
/tz qqqq
/mute until friday
/mute until wednesday
/mute russell-claimed until 18:00
/mute until 6
/mute tag:russell 1h30m
/mute #russell until next tuesday
/mute btc-weekly, russell-claimed for 2 days
/mute btc-weekly and banana 1d
/mute btc 1d
/why btc
/why RUT
/mute iwm until tomorrow
* Through Wed
/mute for the weekend
/mute 90
/mute 30 russell
/mute high 1d
/mute until 2020-01-01
/mute until banana
/mute everything until further notice
/mute
/unmute tag:russell
/unmute all
/subscribe tag:russell, btc-weekly
* Only these
/subscribe only russell-claimed
/subscribe russell btc-weekly banana
/subscribe iwm-resistance severity:high
/unsubscribe btc-weekly, iwm-resistance
/unsubscribe tag:banana, btc-weekly
/alerts 3
/alerts 0
/alerts russell-claimed 2
/alerts last 5
/alerts banana 5
/evidence btc-weekly eth
/evidence weekly, eth
/levels iwm!
/levels "Bitcoin"
/tell bitcoin > 130k
/tell me when bitcoin is at 130,000.50
/tell btc 1e5
/tell btc -5
/tell btc 0
/tell iwm 112.5 and 115
/tell iwm +5%
/tell russell 2000
/tell russell 2000 71
/tell delete
"""
SPANS = """
/chart IWM 6m
/chart IWM 5 years dark
/chart since 2023 btc
/chart IWM 4h
/chart IWM 15m
/chart IWM 2019-2021
/chart IWM since covid
/chart IWM 90
* 90d
/chart 1y
/crypto 30d
/crypto correlation 1y
/crypto btc
/crypto 0d
/levels iwm 1y
/evidence btc-weekly since 2015
/btc
btc
/price btc
/chart btcusdt
/chart iwm vs spy
/crypto correlation eth
/alerts 30d
/alerts today
/signals 4h
/tell btc 10% down
/tell btc 0%
/tell btc 5%
* 🔔 110.76
/tell me when iwm hits a new ath
/tell delete all
/settings dark
/claims open
/claims others
/claims 2022 bitcoin
/claims met
/claims banana
/claims page 2
/mute from friday to monday
* Through Mon
/settings
/mute in 2 hours for 1h
/mute iwm from tomorrow
* 8 hours
/mute from 9 to 5
/mute 22-7
/mute every night 23-7
* 🌙 Set these quiet hours
/mute weekends
/mute every monday
/mute tomorrow
/mute all except iwm
/mute everything but banana
/mute btc from banana to monday
/mute from 2020-01-01 to 2020-02-01
/mute
/unmute all
* Unmute these, too
/mute
"""
LOOKING = """
/rules
/rules russell
/rules banana
/rules iwm
/status
/levels
/levels IWM
/levels ^RUT
/levels DAX
/levels dog
/chart BTC
/chart BTC banana
/chart spy
/crypto
/crypto chart
/crypto correlation
/crypto nonsense
/risk
/why
/why russell-record
/why iwm
/why did russell-record not fire
/evidence
/evidence russell-record
/evidence russell-record ETH
/evidence russell-record SHIB
/evidence russell-record banana
/evidence ETH
/evidence banana
/scorecard
/alerts
/alerts russell-record
/alerts banana
"""
QUIET = """
/mute 1h russell-record
/mute russell-record 1h30m
/mute for 2 days iwm-near-record
/mute 0h
/mute 1.5h
/mute 3h banana
/mute iwm 7d
/mute
* 🔔 Unmute all
/unmute russell-record
/unmute banana
/settings
/settings severity high
/settings quiet 22-7
/settings quiet sometimes
/settings zone Berlin
/settings zone IST
/settings zone Narnia
/settings zone UTC+5:30
/settings digest weekly mon 9:00
/settings colour blue
/settings sound none
"""
LEAVING = """
/unsubscribe severity:high
/unsubscribe banana
/unsubscribe
/unsubscribe
/mute 24h
/settings
/pause
/approve 5
/start
stop
"""
