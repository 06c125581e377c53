# The models of analysis/robustness in R, from the raw tables of a dataset folder: Rscript robustness.R FOLDER
# Writes rows of model,term,estimate,se to standard output. Nothing here was made by the program under test.
suppressPackageStartupMessages({
  library(lme4)
  library(MASS)
  library(sandwich)
})

folder <- commandArgs(trailingOnly = TRUE)[1]
table_of <- function(name) read.csv(file.path(folder, paste0(name, ".csv")), na.strings = "", stringsAsFactors = FALSE)
say <- function(model, term, estimate, se) cat(sprintf("%s,%s,%.15g,%.15g\n", model, term, estimate, se), sep = "")

treatments <- c("video", "ai_coach", "combined")
scores <- table_of("scores")[, c("conversation_id", "dimension", "score")]
wide <- reshape(scores, idvar = "conversation_id", timevar = "dimension", direction = "wide")
names(wide) <- sub("^score\\.", "", names(wide))
talks <- table_of("conversations")
rows <- merge(talks, wide)
rows <- merge(rows, table_of("participants")[, c("participant_id", "condition")])
rows$post <- as.numeric(rows$round > 1)
for (t in treatments) rows[[t]] <- as.numeric(rows$condition == t)
terms <- c("post", treatments, paste0(treatments, ":post"))

for (m in c("advice_giving", "self_oriented")) {
  d <- rows[!is.na(rows[[m]]), ]
  mixed <- lmer(reformulate(c(terms, "(1 | participant_id)"), m), data = d, REML = TRUE,
                control = lmerControl(optCtrl = list(xtol_abs = 1e-12, ftol_abs = 1e-12)))
  found <- summary(mixed)$coefficients
  for (term in rownames(found)) say(paste0("mixed:", m), term, found[term, 1], found[term, 2])

  d$answer <- factor(d[[m]], ordered = TRUE)
  d <- cbind(d, setNames(lapply(treatments, function(t) d[[t]] * d$post), paste0(treatments, "_post")))
  ordinal <- polr(reformulate(c("post", treatments, paste0(treatments, "_post")), "answer"), data = d, Hess = TRUE,
                  control = list(reltol = 1e-15, maxit = 1000))
  v <- vcovCL(ordinal, cluster = d$participant_id, type = "HC1", cadjust = TRUE)
  for (term in names(coef(ordinal))) {
    say(paste0("ordinal:", m), sub("_post$", ":post", term), coef(ordinal)[term], sqrt(v[term, term]))
  }

  d$words <- (d$supporter_words - mean(d$supporter_words)) / 100
  length <- lm(reformulate(c(terms, "words", "supporter_messages"), m), data = d)
  v <- vcovCL(length, cluster = d$participant_id, type = "HC1", cadjust = TRUE)
  for (term in names(coef(length))) say(paste0("length:", m), term, coef(length)[term], sqrt(v[term, term]))
}
