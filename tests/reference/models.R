# The models of the paper in R, from the raw tables of a dataset folder: Rscript models.R FOLDER
# Writes rows of model,term,estimate,se to standard output. Nothing here was made by the program under test.
suppressPackageStartupMessages({
  library(lme4)
  library(sandwich)
  library(lmtest)
  library(clubSandwich)
})

folder <- commandArgs(trailingOnly = TRUE)[1]
table_of <- function(name) read.csv(file.path(folder, paste0(name, ".csv")), na.strings = "", stringsAsFactors = FALSE)
say <- function(model, term, estimate, se = NA) {
  cat(sprintf("%s,%s,%.15g,%s\n", model, term, estimate, ifelse(is.na(se), "", sprintf("%.15g", se))), sep = "")
}

dimensions <- c("encouraging_elaboration", "validating_emotions", "demonstrating_understanding",
                "advice_giving", "self_oriented", "dismissing_emotions")
treatments <- c("video", "ai_coach", "combined")

people <- table_of("participants")
scores <- table_of("scores")[, c("conversation_id", "dimension", "score")]
wide <- reshape(scores, idvar = "conversation_id", timevar = "dimension", direction = "wide")
names(wide) <- sub("^score\\.", "", names(wide))
wide$overall <- rowSums(wide[, dimensions[1:3]]) - rowSums(wide[, dimensions[4:6]])
rows <- merge(table_of("conversations")[, c("conversation_id", "participant_id", "round", "scenario")], wide)
rows <- merge(rows, people[, c("participant_id", "condition", "age", "sex")])
rows$post <- as.numeric(rows$round > 1)
for (t in treatments) rows[[t]] <- as.numeric(rows$condition == t)

# Primary models: OLS, errors clustered by participant, and the 18 Wald contrasts (LE-89, LE-97).
for (m in c(dimensions, "overall")) {
  d <- rows[!is.na(rows[[m]]), ]
  fit <- lm(reformulate(c("post", treatments, paste0(treatments, ":post")), m), data = d)
  v <- vcovCL(fit, cluster = d$participant_id, type = "HC1", cadjust = TRUE)
  stata <- as.matrix(vcovCR(fit, cluster = d$participant_id, type = "CR1S"))
  stopifnot(max(abs(v - stata)) < 1e-10)
  tested <- coeftest(fit, vcov. = v)
  for (term in rownames(tested)) say(paste0("effects:", m), term, tested[term, 1], tested[term, 2])
  say(paste0("effects:", m), "sd", sd(d[[m]]))
  if (m == "overall") next
  pairs <- list(c("ai_coach", "video"), c("combined", "video"), c("combined", "ai_coach"))
  for (pair in pairs) {
    at <- match(paste0(pair, ":post"), sub("^post:(.*)$", "\\1:post", names(coef(fit))))
    w <- numeric(length(coef(fit))); w[at] <- c(1, -1)
    say(paste0("contrasts:", m), paste(pair, collapse = "-"), sum(w * coef(fit)), sqrt(drop(t(w) %*% v %*% w)))
  }
}

# Measurement model of the control condition by REML (LE-106).
control <- rows[rows$condition == "control" & !is.na(rows$overall), ]
mixed <- lmer(overall ~ 1 + (1 | participant_id), data = control, REML = TRUE)
variances <- as.data.frame(VarCorr(mixed))
say("reliable_change", "var_between", variances$vcov[variances$grp == "participant_id"])
say("reliable_change", "var_error", variances$vcov[variances$grp == "Residual"])

# Age and sex with HC3 errors (LE-111, LE-112).
first <- rows[rows$round == 1 & !is.na(rows$overall), c("participant_id", "overall")]
first$baseline <- as.numeric(scale(first$overall))
three <- reshape(rows[, c("participant_id", "round", "overall")], idvar = "participant_id", timevar = "round", direction = "wide")
three$change <- (three$overall.2 + three$overall.3) / 2 - three$overall.1
three <- three[!is.na(three$change), ]
three$change <- as.numeric(scale(three$change))
known <- people[!is.na(people$age) & people$sex %in% c("female", "male"), ]
known$female <- as.numeric(known$sex == "female")
for (t in treatments) known[[t]] <- as.numeric(known$condition == t)
start <- merge(known, first[, c("participant_id", "baseline")])
hc3 <- function(name, fit) {
  tested <- coeftest(fit, vcov. = vcovHC(fit, type = "HC3"))
  for (term in rownames(tested)) say(paste0("demographics:", name), term, tested[term, 1], tested[term, 2])
}
hc3("baseline", lm(baseline ~ age + female, data = start))
hc3("change", lm(change ~ age + female + baseline + video + ai_coach + combined + video:female + ai_coach:female +
                   combined:female + video:age + ai_coach:age + combined:age,
                 data = merge(start, three[, c("participant_id", "change")])))

# Trait scales against the mean score (LE-78).
answers <- table_of("responses")
mean_score <- aggregate(overall ~ participant_id, data = rows, FUN = mean)
for (scale_name in c("jordan", "sites")) {
  asked <- answers[answers$instrument == scale_name, ]
  total <- aggregate(value ~ participant_id, data = asked, FUN = sum)
  both <- merge(total, mean_score)
  found <- cor.test(both$value, both$overall)
  say(paste0("traits:", scale_name), "r", found$estimate)
  say(paste0("traits:", scale_name), "p", found$p.value)
}

# Preferences: logistic models with errors clustered by rater (LE-154), Wilson, Bradley-Terry (LE-160, LE-161).
trials <- table_of("choices")
score_of <- function(ids, m) wide[match(ids, wide$conversation_id), m]
gap <- score_of(trials$left_id, "overall") - score_of(trials$right_id, "overall")
trials$difference <- abs(gap)
trials$higher <- ifelse(gap == 0, NA, as.numeric((gap > 0) == (trials$choice == "left")))
others <- setdiff(sort(unique(trials$scenario)), "job_loss")
for (s in others) trials[[s]] <- as.numeric(trials$scenario == s)
for (m in dimensions) {
  trials[[paste0("signed_", m)]] <- score_of(trials$left_id, m) - score_of(trials$right_id, m)
  trials[[paste0("oriented_", m)]] <- trials[[paste0("signed_", m)]] * sign(gap)
}
logit <- function(name, predictors) {
  d <- trials[complete.cases(trials[, c("higher", predictors)]), ]
  fit <- glm(reformulate(c(predictors, others), "higher"), family = binomial, data = d, epsilon = 1e-14, maxit = 100)
  tested <- coeftest(fit, vcov. = vcovCL(fit, cluster = d$rater_id, type = "HC1", cadjust = TRUE))
  for (term in rownames(tested)) say(name, sub("^(signed|oriented)_", "", term), tested[term, 1], tested[term, 2])
}
logit("preferences:higher", "difference")
logit("preferences:signed", paste0("signed_", dimensions))
logit("preferences:oriented", paste0("oriented_", dimensions))
close_ones <- trials[!is.na(trials$higher) & trials$difference <= 3, ]
wilson <- prop.test(sum(close_ones$higher), nrow(close_ones), correct = FALSE)$conf.int
say("by_gap:1-3", "ci_low", wilson[1])
say("by_gap:1-3", "ci_high", wilson[2])
shown <- trials[trials$scenario == "loss", ]
items <- sort(unique(c(shown$left_id, shown$right_id)))
design <- sapply(items[-1], function(i) (shown$left_id == i) - (shown$right_id == i))
strength <- glm.fit(design, as.numeric(shown$choice == "left"), family = binomial(), control = list(epsilon = 1e-14, maxit = 100))
centred <- c(0, strength$coefficients)
centred <- centred - mean(centred)
for (i in seq_along(items)) say("bradley_terry:loss", items[i], centred[i])
