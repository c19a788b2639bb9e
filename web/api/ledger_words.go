package api

import (
	"maps"
	"net/http"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"paylink"
	"paylink/ledger"
)

// What the document says of the books.
func init() {
	maps.Copy(words, map[string]string{
		"LedgerEntry.kind": "what has happened", "LedgerLine.kind": "what has happened", "LedgerEntryList.data": "the entries of this page, newest first",
		"LedgerAccountList.data": "the accounts of this page, book by book",
		"LedgerAccount.account":  "its name in the chart of accounts", "LedgerPosting.account": "which account", "LedgerStatement.account": "whose statement it is",
	})
	maps.Copy(objects, map[string]string{
		"Balance": "How you stand at your gateways and with your customers.", "BookBalance": "How you stand in one book: at one gateway account, in one currency.",
		"LedgerAccount": "One account of one book.", "LedgerAccountList": "A page of accounts.",
		"LedgerEntry": "One fact in your books. It is never changed: what was wrong is put right by another.", "LedgerEntryList": "A page of entries.", "LedgerPosting": "One line of an entry, or one account of a trial balance.",
		"TrialBalance": "All accounts at one time; both sides of each book are the same.", "TrialBook": "The trial balance of one book.",
		"LedgerStatement": "What happened to one account in a stretch of time.", "LedgerLine": "One posting to the account of a statement.",
	})
	maps.Copy(accounts, map[string]string{
		"get_balance":               "By gateway account and currency, which are never added up. The accounts behind it are in GET /v1/ledger/accounts.",
		"list_ledger_accounts":      "Only accounts that something was posted to. The chart of accounts is in docs/ledger.md.",
		"list_ledger_entries":       "By account, by payment, by time, or all of them.",
		"get_ledger_entry":          "With its postings.",
		"get_trial_balance":         "Only accounts that something was posted to.",
		"get_trial_balance_file":    "The same as GET /v1/ledger/trial_balance, for a spreadsheet.",
		"get_ledger_statement":      "Each line has the balance after it. Where you have the account in several books, say which by account_id and currency.",
		"get_ledger_statement_file": "All lines of GET /v1/ledger/statement, for a spreadsheet.",
	})
	maps.Copy(schemaNames, map[reflect.Type]string{
		reflect.TypeFor[balanceView](): "Balance", reflect.TypeFor[bookBalance](): "BookBalance",
		reflect.TypeFor[ledgerAccountView](): "LedgerAccount", reflect.TypeFor[listOf[ledgerAccountView]](): "LedgerAccountList",
		reflect.TypeFor[ledgerEntryView](): "LedgerEntry", reflect.TypeFor[listOf[ledgerEntryView]](): "LedgerEntryList", reflect.TypeFor[postingView](): "LedgerPosting",
		reflect.TypeFor[trialBalanceView](): "TrialBalance", reflect.TypeFor[trialBook](): "TrialBook",
		reflect.TypeFor[ledgerStatementView](): "LedgerStatement", reflect.TypeFor[ledgerLineView](): "LedgerLine",
	})
	chart := make([]any, len(paylink.Chart))
	for i, line := range paylink.Chart {
		chart[i] = string(line.Account)
	}
	kinds := make([]any, len(paylink.EntryKinds))
	for i, line := range paylink.EntryKinds {
		kinds[i] = string(line.Kind)
	}
	maps.Copy(shapes, map[reflect.Type]huma.Schema{
		reflect.TypeFor[paylink.EntryID]():       idShape("entry"),
		reflect.TypeFor[paylink.LedgerAccount](): {Enum: chart},
		reflect.TypeFor[paylink.EntryKind]():     {Enum: kinds},
	})
	maps.Copy(bounds, map[string]huma.Schema{
		"Balance.books": {MaxItems: whole(1000)}, "TrialBalance.books": {MaxItems: whole(1000)}, "TrialBook.accounts": {MaxItems: whole(len(paylink.Chart))},
		"LedgerEntry.postings": {MaxItems: whole(10)}, "LedgerEntryList.data": {MaxItems: whole(100)}, "LedgerAccountList.data": {MaxItems: whole(100)},
		"LedgerStatement.lines": {MaxItems: whole(100)}, "LedgerAccount.description": {MaxLength: whole(100)}, "LedgerEntry.description": {MaxLength: whole(100)},
	})
	most := huma.Schema{Minimum: at(-1 << 53), Maximum: at(1 << 53)}
	for _, sum := range []string{
		"BookBalance.at_bank", "BookBalance.at_gateway", "BookBalance.customer_credit", "BookBalance.disputed", "BookBalance.in_transit", "BookBalance.on_hold",
		"BookBalance.refunds_pending", "BookBalance.outside", "BookBalance.reserved", "LedgerAccount.balance", "LedgerStatement.closing", "LedgerStatement.opening",
		"LedgerLine.balance", "TrialBook.debit", "TrialBook.credit",
	} {
		bounds[sum] = most
	}
	sampleIDs["entry"] = sampleEntry
	troubles = append(troubles,
		trouble{http.StatusNotFound, "not_found", "Nothing was ever posted to this account.", "", "", only("get_ledger_statement", "get_ledger_statement_file")},
	)
}

const sampleEntry = "entry_01kbfkcakjq5nrfbfyh5k0jkcv"

// sampleLedgerAnswer is what the operations about the books answer when all goes well.
func sampleLedgerAnswer(operation string, one func(any) any) any {
	book := paylink.Book{Account: sampleAccount, Currency: "INR"}
	entry := paylink.PaymentEntries(paylink.Payment{
		ID: samplePayment, Link: sampleLink, Account: sampleAccount, Status: paylink.PaymentCaptured, Amount: paylink.Money{Minor: 245000, Currency: "INR"}, AmountCaptured: 245000,
	})[0]
	entry.ID, entry.At = sampleEntry, samplePaid
	all := []paylink.LedgerBalance{
		{Book: book, Account: paylink.LedgerGatewayReceivable, Debits: 245000, Postings: 1}, {Book: book, Account: paylink.LedgerReceipts, Credits: 245000, Postings: 1},
	}
	switch operation {
	case "get_balance":
		return viewBalance(false, all)
	case "list_ledger_accounts":
		return one(viewLedgerAccount(all[0]))
	case "list_ledger_entries":
		return one(viewLedgerEntry(entry))
	case "get_trial_balance":
		return viewTrialBalance(false, []ledger.Trial{{Book: book, Accounts: all, Debit: 245000, Credit: 245000}}, samplePaid.Add(time.Hour))
	case "get_ledger_statement":
		account, _ := paylink.LedgerReceipts.Line()
		s := ledger.Statement{Book: book, Account: account, Until: samplePaid.Add(time.Hour), Credits: 245000, Closing: 245000}
		line := ledgerLineView{
			EntryID: entry.ID, Kind: entry.Kind, PaymentID: &entry.Payment, LinkID: &entry.Link, CreatedAt: entry.At, Credit: 245000, Balance: 245000,
		}
		return viewLedgerStatement(s, listOf[ledgerLineView]{Data: []ledgerLineView{line}})
	}
	return viewLedgerEntry(entry)
}
