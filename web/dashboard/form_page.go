package dashboard

import (
	"net/http"

	"paylink"
	"paylink/issue"
)

// pageForm is the part of the form about what the page says, asks and hands over.
type pageForm struct {
	SuccessText, ClosedText, TermsURL string
	Questions                         []questionForm
	Files                             []string // ids of attachments
}

func readPage(r *http.Request, get func(string) string) pageForm {
	return pageForm{
		SuccessText: get("success_text"), ClosedText: get("closed_text"), TermsURL: get("terms_url"),
		Questions: readQuestions(r), Files: r.PostForm["file"],
	}
}

func (f pageForm) into(d *issue.Draft) {
	d.Terms.SuccessText, d.Terms.ClosedText, d.Terms.TermsURL = lines(f.SuccessText), lines(f.ClosedText), f.TermsURL
	d.Terms.Questions = f.questions()
	for _, id := range f.Files {
		d.Terms.Attachments = append(d.Terms.Attachments, paylink.AttachmentID(id))
	}
}

// like fills it with what a template says.
func (f *pageForm) like(t paylink.Terms) {
	f.SuccessText, f.ClosedText, f.TermsURL, f.Files = t.SuccessText, t.ClosedText, t.TermsURL, words(t.Attachments)
	for i, q := range t.Questions[:min(len(t.Questions), questionRows)] {
		f.Questions[i] = questionOf(q)
	}
}
